import RosterModel

/// Every filter item about a static entry is decided at once.
extension StaticEntry: FilterTarget {
    /// Whether the entry matches the filter.
    func matches(_ filter: SearchFilter) -> Bool { filter.lowered(for: self).constant == .yes }

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

extension SearchFilter {
    /// Whether the entry certainly does not match. Decided without building it, because nearly every search skips it.
    func isNever(of entry: ClusterEntry) -> Bool { isNever(of: entry.objectClasses, having: entry.attributes) }

    /// Whether no entry with exactly these classes can match; it may have these attributes and operational ones.
    func isNever(of classes: [ObjectClass], having attributes: AttributeSet) -> Bool {
        switch self {
        case .and(let filters): filters.contains { $0.isNever(of: classes, having: attributes) }
        case .or(let filters): filters.allSatisfy { $0.isNever(of: classes, having: attributes) }
        case .equality(let assertion):
            switch AttributeType(assertion.attribute) {
            case .objectClass: ObjectClass(assertion.value).map { !classes.contains($0) } ?? true
            case let type?: !type.isOperational && type.subtypes.isEmpty && !attributes.contains(type)
            case nil: false
            }
        default: false
        }
    }
}

/// An entry directly below each cluster's entry.
enum ClusterEntry: Sendable {
    case people, groups
    /// The entry that makes ppolicy clients heed `pwdAccountLockedTime`.
    case policy

    var objectClasses: [ObjectClass] {
        switch self {
        case .people, .groups: Self.classesOfUnits
        case .policy: Self.classesOfPolicy
        }
    }

    /// The attributes that it may have, besides operational ones.
    fileprivate var attributes: AttributeSet {
        switch self {
        case .people, .groups: Self.attributesOfUnits
        case .policy: Self.attributesOfPolicy
        }
    }

    private static let classesOfUnits: [ObjectClass] = [.top, .organizationalUnit]
    private static let classesOfPolicy: [ObjectClass] = [.top, .device, .pwdPolicy]
    private static let attributesOfUnits = Schema.standard.attributes(of: classesOfUnits)
    private static let attributesOfPolicy = Schema.standard.attributes(of: classesOfPolicy)
}

extension Filter.Substring {
    /// Whether one of the values contains the pieces.
    func isIn(anyOf values: [String], ignoresCase: Bool) -> Bool {
        values.contains { value in
            var value = value
            return value.withUTF8 { isIn($0, ignoresCase: ignoresCase) }
        }
    }
}

extension MatchingRule {
    /// Whether a stored value compares in this way to an asserted one.
    func compares(_ text: String, _ comparison: Filter.Comparison, with value: AssertedValue) -> Bool {
        switch value {
        case .text(let asserted):
            var text = text
            return comparison == .equal && text.withUTF8 { textRule?.areEqual($0, asserted) ?? false }
        case .integer(let number):
            guard let own = Int64(text) else { return false }
            return comparison.holds(own, number)
        case .time(let time):
            return AssertedValue.time(text).map { comparison.holds($0, time) } ?? false
        case .objectClass(let asked): return text == asked.rawValue
        case .attributeType(let asked): return text == asked.name
        case .name(let name):
            return DistinguishedName(Array(text.utf8)[...]).map { $0.isSame(as: name) } ?? false
        case .described(let oid): return text.hasPrefix("( \(oid) ")
        case .identifiedName: return false
        case .boolean(let truth): return (text == "TRUE") == truth
        case .uuid(let uuid):
            guard let own = EntryUUID(text) else { return false }
            return comparison.holds(own, uuid)
        }
    }
}

extension DistinguishedName {
    /// Whether both name the same entry: attributes by any of their names, values ignoring case.
    fileprivate func isSame(as other: DistinguishedName) -> Bool {
        relativeNames.count == other.relativeNames.count
            && zip(relativeNames, other.relativeNames).allSatisfy { DirectoryInformationTree.areSame($0, $1) }
    }
}
