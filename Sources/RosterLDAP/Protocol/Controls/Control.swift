import RosterModel

/// Modifies the meaning of a request.
///
///     Control ::= SEQUENCE {
///         controlType   LDAPOID,
///         criticality   BOOLEAN DEFAULT FALSE,
///         controlValue  OCTET STRING OPTIONAL }
package struct Control: Sendable, Equatable {
    /// Referrals are treated as entries (RFC 3296); there are none.
    package static let manageDsaIT = "2.16.840.1.113730.3.4.2"
    /// Whether to return subentries instead of other entries (RFC 3672).
    package static let subentries = "1.3.6.1.4.1.4203.1.10.1"
    /// The search must not be referred elsewhere (Active Directory); it never is.
    package static let domainScope = "1.2.840.113556.1.4.1339"

    package let type: String
    /// Whether the request must fail if the server does not know the control.
    package let isCritical: Bool
    package let value: ArraySlice<UInt8>?
}

extension Control {
    init(_ element: BERElement) throws(BERError) {
        guard element.tag == 0x30 else { throw BERError(.malformed, "a control was expected") }
        var components = try element.components()
        type = String(decoding: try components.next().octetString(), as: UTF8.self)
        isCritical = try components.next(ifTagged: 0x01)?.boolean() ?? false
        value = try components.next(ifTagged: 0x04)?.octets()
    }
}
