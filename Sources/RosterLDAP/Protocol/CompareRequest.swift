import RosterModel

/// Asks whether an entry's attribute has a value.
///
///     CompareRequest ::= [APPLICATION 14] SEQUENCE { entry LDAPDN, ava AttributeValueAssertion }
package struct CompareRequest: Sendable, Equatable {
    /// The UTF-8 of a distinguished name, not parsed yet.
    package let entry: ArraySlice<UInt8>
    package let assertion: AttributeValueAssertion
}

extension CompareRequest {
    init(_ element: BERElement) throws(BERError) {
        var components = try element.components()
        entry = try components.next().octetString()
        assertion = try AttributeValueAssertion(try components.next())
    }
}
