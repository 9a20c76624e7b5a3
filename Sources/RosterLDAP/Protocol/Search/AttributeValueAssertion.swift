import RosterModel

/// The assertion that an attribute has a value.
///
///     AttributeValueAssertion ::= SEQUENCE { attributeDesc AttributeDescription, assertionValue OCTET STRING }
package struct AttributeValueAssertion: Sendable, Equatable {
    package let attribute: ArraySlice<UInt8>
    package let value: ArraySlice<UInt8>
}

extension AttributeValueAssertion {
    /// An assertion of UTF-8 texts.
    init(_ attribute: String, _ value: String) {
        self.init(attribute: Array(attribute.utf8)[...], value: Array(value.utf8)[...])
    }

    init(_ element: BERElement) throws(BERError) {
        var components = try element.components()
        attribute = try components.next().octetString()
        value = try components.next().octetString()
    }
}
