import RosterModel

/// What changes the meaning of a request.
///
///     Control ::= SEQUENCE {
///         controlType   LDAPOID,
///         criticality   BOOLEAN DEFAULT FALSE,
///         controlValue  OCTET STRING OPTIONAL }
package struct Control: Sendable, Equatable {
    package let type: String
    /// Whether the request must fail where the control is not known.
    package let isCritical: Bool
    package let value: ArraySlice<UInt8>?

    package init(type: String, isCritical: Bool = false, value: [UInt8]? = nil) {
        self.type = type
        self.isCritical = isCritical
        self.value = value?[...]
    }

    init(_ element: BERElement) throws(BERError) {
        guard element.tag == 0x30 else { throw BERError(.malformed, "a control was expected") }
        var components = try element.components()
        type = String(decoding: try components.next().octetString(), as: UTF8.self)
        isCritical = try components.next(ifTagged: 0x01)?.boolean() ?? false
        value = try components.next(ifTagged: 0x04)?.octets()
    }
}
