import RosterModel
import SwiftASN1

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

    init(_ node: ASN1Node) throws(BERError) {
        guard node.identifier == .sequence else { throw BERError(.malformed, "a control was expected") }
        var components = try Components(node)
        type = String(decoding: try components.next().octetString(), as: UTF8.self)
        isCritical = try components.next(if: .boolean)?.boolean() ?? false
        value = try components.next(if: .octetString)?.octets()
    }
}
