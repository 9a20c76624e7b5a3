import RosterModel

/// An operation named by an object identifier.
///
///     ExtendedRequest ::= [APPLICATION 23] SEQUENCE {
///         requestName   [0] LDAPOID,
///         requestValue  [1] OCTET STRING OPTIONAL }
package struct ExtendedRequest: Sendable, Equatable {
    package let name: String
    package let value: ArraySlice<UInt8>?

    /// RFC 4511 section 4.14.
    package static let startTLS = "1.3.6.1.4.1.1466.20037"
    /// RFC 4532.
    package static let whoAmI = "1.3.6.1.4.1.4203.1.11.3"
    /// RFC 3062.
    package static let modifyPassword = "1.3.6.1.4.1.4203.1.11.1"
}

extension ExtendedRequest {
    init(_ element: BERElement) throws(BERError) {
        var components = try element.components()
        guard let name = components.next(ifTagged: 0x80) else {
            throw BERError(.malformed, "an extended request without a name")
        }
        self.name = String(decoding: try name.octets(), as: UTF8.self)
        value = try components.next(ifTagged: 0x81)?.octets()
    }
}
