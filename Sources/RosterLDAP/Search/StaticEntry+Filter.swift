import RosterModel

/// Every filter item about a static entry is decided at once.
extension StaticEntry: FilterTarget {
    /// Whether the entry matches the filter.
    /// - Parameter catalog: the attributes that users can have.
    func matches(_ filter: SearchFilter, _ catalog: AttributeCatalog) -> Bool {
        filter.lowered(for: self, catalog).constant == .yes
    }

    func presence(of type: AttributeType) -> Filter { .constant(Truth(!values(of: type).isEmpty)) }

    func comparison(
        _ comparison: Filter.Comparison, of type: AttributeType, with value: AssertedValue, under rule: MatchingRule
    ) -> Filter {
        .constant(Truth(values(of: type).contains { rule.compares($0, comparison, with: value) }))
    }

    func substring(_ substring: Filter.Substring, of type: AttributeType) -> Filter {
        let ignoresCase = type.definition.equality?.textRule?.ignoresCase ?? false
        return .constant(Truth(substring.isIn(anyOf: values(of: type), ignoresCase: ignoresCase)))
    }

    func nameComparison(of type: AttributeType, with value: AssertedValue, under rule: MatchingRule) -> Filter {
        .constant(Truth(nameAttributes.contains { $0.type == type && rule.compares($0.value, .equal, with: value) }))
    }
}
