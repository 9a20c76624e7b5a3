/// Why bytes are not an LDAP message, or a message's parts are not a request (RFC 4511).
package struct BERError: Error, Sendable, Equatable {
    /// The kind of an encoding error.
    package enum Code: Sendable, Equatable {
        /// The bytes are not BER as LDAP restricts it (RFC 4511 section 5.1), or not the expected production.
        case malformed
        /// An indefinite length, which section 5.1 forbids.
        case indefiniteLength
        /// The message is longer than the server accepts.
        case tooLong
        /// The filter has more levels or parts than the server accepts.
        case tooComplex
    }

    package let code: Code
    /// One line for the client's diagnostics; it repeats nothing that the client sent.
    package let reason: String

    /// An error of kind `code`, explained by `reason`.
    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
