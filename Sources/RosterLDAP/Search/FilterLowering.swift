import RosterModel

/// A kind of entries that filters can be lowered for. It answers for single items; `lowered` combines them.
protocol FilterTarget {
    /// The attribute is present.
    func presence(of type: AttributeType) -> Filter
    /// A value of the attribute compares in this way to `value`, which was parsed under `rule`, a rule that applies to
    /// the attribute.
    func comparison(
        _ comparison: Filter.Comparison, of type: AttributeType, with value: AssertedValue, under rule: MatchingRule
    ) -> Filter
    /// A value of the attribute contains the pieces, under the attribute's own rule.
    func substring(_ substring: Filter.Substring, of type: AttributeType) -> Filter
    /// A value of the attribute in the entry's name is `value`.
    func nameComparison(of type: AttributeType, with value: AssertedValue, under rule: MatchingRule) -> Filter
    /// A value of an attribute that the site declares passes the test.
    func test(_ test: Filter.ValueTest, of attribute: UserAttribute) -> Filter
}

extension FilterTarget {
    /// Only users have attributes that the site declares.
    func test(_ test: Filter.ValueTest, of attribute: UserAttribute) -> Filter { .constant(.no) }
}

extension SearchFilter {
    /// The filter in Roster's own form, for entries of one kind. Whatever is the same for all of them is decided here.
    ///
    /// Undefined are: attributes that Roster does not know, values that are invalid under their syntax, comparisons for
    /// which the attribute has no rule, and everything about passwords, so that nothing leaks about them.
    /// - Parameter catalog: the attributes that users can have.
    func lowered(for target: some FilterTarget, _ catalog: AttributeCatalog) -> Filter {
        if !catalog.declared.isEmpty, let declared = declaredAttribute(catalog) {
            return valueTest(of: declared).map { target.test($0, of: declared) } ?? .constant(.undefined)
        }
        // No entry has an attribute with options, even if the attribute itself is known.
        if let attribute, AttributeType(withOptions: attribute) != nil { return .constant(.no) }
        switch self {
        case .and(let filters):
            var parts: [Filter] = []
            for filter in filters {
                let part = filter.lowered(for: target, catalog)
                if part.constant == .no { return part }
                parts.append(part)
            }
            return .allOf(parts)
        case .or(let filters):
            var parts: [Filter] = []
            for filter in filters {
                let part = filter.lowered(for: target, catalog)
                if part.constant == .yes { return part }
                parts.append(part)
            }
            return .anyOf(parts)
        case .not(let filter): return .negation(of: filter.lowered(for: target, catalog))
        case .present(let name):
            guard let type = AttributeType(name), type != .userPassword else { return .constant(.undefined) }
            return Self.any(of: type) { target.presence(of: $0) }
        case .equality(let assertion), .approximate(let assertion): return Self.equality(assertion, for: target)
        case .atLeast(let assertion): return Self.ordering(assertion, .atLeast, for: target)
        case .atMost(let assertion): return Self.ordering(assertion, .atMost, for: target)
        case .substrings(let substrings): return Self.substring(substrings, for: target)
        case .extensible(let assertion): return Self.extensible(assertion, for: target)
        case .unknown: return .constant(.undefined)
        }
    }

    /// The attribute that a single item is about.
    var attribute: ArraySlice<UInt8>? {
        switch self {
        case .and, .or, .not, .unknown: nil
        case .equality(let assertion), .approximate(let assertion), .atLeast(let assertion), .atMost(let assertion):
            assertion.attribute
        case .substrings(let substrings): substrings.attribute
        case .present(let name): name
        case .extensible(let assertion): assertion.attribute
        }
    }

    private static func equality(_ assertion: AttributeValueAssertion, for target: some FilterTarget) -> Filter {
        guard let type = AttributeType(assertion.attribute), let rule = type.definition.equality,
            let value = value(assertion.value, of: type, under: rule)
        else { return .constant(.undefined) }
        return any(of: type) { target.comparison(.equal, of: $0, with: value, under: rule) }
    }

    /// The value if the attribute may have it: for object classes, only known classes are values.
    private static func value(
        _ bytes: ArraySlice<UInt8>, of type: AttributeType, under rule: MatchingRule
    ) -> AssertedValue? {
        let value = AssertedValue(bytes, under: rule)
        if case .attributeType = value, type == .objectClass || type == .structuralObjectClass { return nil }
        return value
    }

    /// An item about an attribute is also true if it is true of one of its subtypes.
    private static func any(of type: AttributeType, _ part: (AttributeType) -> Filter) -> Filter {
        let subtypes = type.subtypes
        return subtypes.isEmpty ? part(type) : .anyOf([part(type)] + subtypes.map(part))
    }

    private static func ordering(
        _ assertion: AttributeValueAssertion, _ comparison: Filter.Comparison, for target: some FilterTarget
    ) -> Filter {
        guard let type = AttributeType(assertion.attribute), type.definition.hasOrdering,
            let rule = type.definition.equality, let value = AssertedValue(assertion.value, under: rule)
        else { return .constant(.undefined) }
        return any(of: type) { target.comparison(comparison, of: $0, with: value, under: rule) }
    }

    private static func substring(_ filter: SubstringFilter, for target: some FilterTarget) -> Filter {
        guard let type = AttributeType(filter.attribute), type.definition.hasSubstrings,
            let substring = filter.substring
        else { return .constant(.undefined) }
        return any(of: type) { target.substring(substring, of: $0) }
    }

    private static func extensible(_ assertion: MatchingRuleAssertion, for target: some FilterTarget) -> Filter {
        let named: MatchingRule?
        if let name = assertion.rule {
            guard let rule = MatchingRule(name) else { return .constant(.undefined) }
            named = rule
        } else {
            named = nil
        }
        func part(_ type: AttributeType) -> Filter {
            guard let rule = named ?? type.definition.equality, rule.applies(to: type),
                let value = Self.value(assertion.value, of: type, under: rule)
            else { return .constant(.undefined) }
            let own = target.comparison(rule.comparison, of: type, with: value, under: rule)
            return assertion.dnAttributes
                ? .anyOf([own, target.nameComparison(of: type, with: value, under: rule)]) : own
        }
        if let name = assertion.attribute {
            return AttributeType(name).map { any(of: $0, part) } ?? .constant(.undefined)
        }
        // Without an attribute, all attributes that the rule applies to; without either, Undefined.
        guard let named else { return .constant(.undefined) }
        return .anyOf(Schema.standard.allTypes.filter { named.applies(to: $0) }.map(part))
    }
}

extension SubstringFilter {
    /// The pieces as texts; nil if one is empty or not UTF-8.
    var substring: Filter.Substring? {
        func text(_ bytes: ArraySlice<UInt8>) -> String? {
            bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
        }
        var substring = Filter.Substring()
        if let initial {
            guard let piece = text(initial) else { return nil }
            substring.start = piece
        }
        for part in parts {
            guard let piece = text(part) else { return nil }
            substring.parts.append(piece)
        }
        if let final {
            guard let piece = text(final) else { return nil }
            substring.end = piece
        }
        return substring
    }
}
