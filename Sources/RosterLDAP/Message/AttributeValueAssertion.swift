import SwiftASN1

/// That an attribute has a value.
///
///     AttributeValueAssertion ::= SEQUENCE { attributeDesc AttributeDescription, assertionValue OCTET STRING }
package struct AttributeValueAssertion: Sendable, Equatable {
    package let attribute: ArraySlice<UInt8>
    package let value: ArraySlice<UInt8>

    package init(_ attribute: String, _ value: String) {
        self.attribute = Array(attribute.utf8)[...]
        self.value = Array(value.utf8)[...]
    }

    init(_ node: ASN1Node) throws(MessageFault) {
        var components = try Components(node)
        attribute = try components.next().octetString()
        value = try components.next().octetString()
    }
}
