import RosterModel

/// The assertion that a value matches under a rule that the client chooses.
///
///     MatchingRuleAssertion ::= SEQUENCE {
///         matchingRule  [1] MatchingRuleId OPTIONAL,
///         type          [2] AttributeDescription OPTIONAL,
///         matchValue    [3] AssertionValue,
///         dnAttributes  [4] BOOLEAN DEFAULT FALSE }
package struct MatchingRuleAssertion: Sendable, Equatable {
    package let rule: ArraySlice<UInt8>?
    package let attribute: ArraySlice<UInt8>?
    package let value: ArraySlice<UInt8>
    /// Whether to match the attributes of the entry's name too.
    package let dnAttributes: Bool
}

extension MatchingRuleAssertion {
    init(_ element: BERElement) throws(BERError) {
        var components = try element.components()
        rule = try components.next(ifTagged: 0x81)?.octets()
        attribute = try components.next(ifTagged: 0x82)?.octets()
        guard let value = components.next(ifTagged: 0x83) else {
            throw BERError(.malformed, "an extensible match without a value")
        }
        self.value = try value.octets()
        dnAttributes = try components.next(ifTagged: 0x84)?.boolean() ?? false
    }
}
