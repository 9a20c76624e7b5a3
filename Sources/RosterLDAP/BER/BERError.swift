/// Why bytes are no message, or a message's parts no request, of RFC 4511.
package struct BERError: Error, Sendable, Equatable {
    package enum Code: Sendable, Equatable {
        /// The bytes are no BER as LDAP restricts it (RFC 4511 section 5.1), or not the production that must stand there.
        case malformed
        /// A length without end, which section 5.1 forbids.
        case indefiniteLength
        /// The message is longer than the server accepts.
        case tooLong
        /// The filter has more levels or parts than the server accepts.
        case tooComplex
    }

    package let code: Code
    /// One line for the client's diagnostics; it repeats nothing that the client has sent.
    package let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
