import RosterDirectory
import RosterModel
import RosterSnapshot

/// A group as an entry of RFC 2307. Who is in it is looked at only where it is asked for: a group may have every user.
struct GroupEntry {
    let group: Group
    let tree: DirectoryInformationTree
    let snapshot: Snapshot
    /// What may be seen of the users of its cluster.
    let visibility: Scope.Visibility

    static let objectClasses: [ObjectClass] = [.top, .posixGroup]

    /// Everything but who is in it.
    private var fixed: StaticEntry { tree.entry(of: group, members: []) }

    /// The names of the members that may be seen.
    private var members: [String] {
        group.members.compactMap { id in
            snapshot.row(id, in: group.cluster).flatMap { row in visibility.lets(see: row) ? row.usernameText : nil }
        }
    }

    /// Writes the entry as a SearchResultEntry of the search `id`.
    func write(id: Int32, selection: AttributeSelection, to writer: inout ResponseWriter) {
        tree.entry(of: group, members: selection.contains(.memberUid) ? members : [])
            .write(id: id, selection: selection, to: &writer)
    }
}

/// All that is asked of a group is settled at once, as of a fixed entry.
extension GroupEntry: FilterTarget {
    func presence(of type: AttributeType) -> Filter {
        guard type == .memberUid else { return fixed.presence(of: type) }
        return .constant(
            Truth(
                group.members.contains { id in
                    snapshot.row(id, in: group.cluster).map { visibility.lets(see: $0) } ?? false
                }))
    }

    func comparison(
        _ comparison: Filter.Comparison, of type: AttributeType, with value: AssertedValue, under rule: MatchingRule
    ) -> Filter {
        guard type == .memberUid else { return fixed.comparison(comparison, of: type, with: value, under: rule) }
        guard case .text(let text) = value, comparison == .equal, let textRule = rule.textRule else {
            return .constant(.no)
        }
        return .constant(Truth(hasMember(UserFilterTarget.trimmed(text), ignoringCase: textRule.ignoresCase)))
    }

    func substring(_ substring: Filter.Substring, of type: AttributeType) -> Filter {
        guard type == .memberUid else { return fixed.substring(substring, of: type) }
        return tree.entry(of: group, members: members).substring(substring, of: type)
    }

    func nameComparison(of type: AttributeType, with value: AssertedValue, under rule: MatchingRule) -> Filter {
        fixed.nameComparison(of: type, with: value, under: rule)
    }

    /// Names are compared as those of users are: spaces at the ends of `name` are taken off, others tell users apart.
    private func hasMember(_ name: String, ignoringCase: Bool) -> Bool {
        if ignoringCase {
            let folded = FoldedText(name)
            return members.contains { FoldedText($0) == folded }
        }
        guard let row = snapshot.row(named: name, in: group.cluster), visibility.lets(see: row) else { return false }
        return row.usernameText.utf8.elementsEqual(name.utf8)
            && snapshot.groups(ofMember: row.id, in: group.cluster).contains { $0.gidNumber == group.gidNumber }
    }
}

extension UserRow {
    fileprivate var usernameText: String {
        var text = ""
        withUsername { text = String(decoding: $0, as: UTF8.self) }
        return text
    }
}
