import RosterModel
import SwiftASN1

/// Whether an entry's attribute has a value.
///
///     CompareRequest ::= [APPLICATION 14] SEQUENCE { entry LDAPDN, ava AttributeValueAssertion }
package struct CompareRequest: Sendable, Equatable {
    /// The UTF-8 of a distinguished name, unread.
    package let entry: ArraySlice<UInt8>
    package let assertion: AttributeValueAssertion

    package init(entry: String, _ assertion: AttributeValueAssertion) {
        self.entry = Array(entry.utf8)[...]
        self.assertion = assertion
    }

    init(_ node: ASN1Node) throws(BERError) {
        var components = try Components(node)
        entry = try components.next().octetString()
        var parts = try Components(try components.next())
        assertion = AttributeValueAssertion(
            attribute: try parts.next().octetString(), value: try parts.next().octetString())
    }
}
