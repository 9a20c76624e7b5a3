import RosterModel

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
            return DistinguishedName(Array(text.utf8)[...]).map { $0.namesSameEntry(as: name) } ?? false
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
    fileprivate func namesSameEntry(as other: DistinguishedName) -> Bool {
        relativeNames.count == other.relativeNames.count
            && zip(relativeNames, other.relativeNames).allSatisfy { DirectoryInformationTree.areSame($0, $1) }
    }
}
