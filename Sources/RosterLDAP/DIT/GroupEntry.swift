import RosterDirectory
import RosterModel
import RosterSnapshot

/// A group as an entry of RFC 2307 and RFC 4519 at once: members are listed both by user name and by the DN of their
/// entry. Members are read only on request: a group may contain every user.
struct GroupEntry {
    let group: Group
    let tree: DirectoryInformationTree
    let snapshot: Snapshot
    /// What the caller may see of the users of the cluster.
    let visibility: Scope.Visibility

    static let objectClasses: [ObjectClass] = [.top, .posixGroup, .groupOfNames, .groupOfUniqueNames]
    static let structuralObjectClass = ObjectClass.groupOfNames

    private var name: String { tree.text(of: .group(group.cluster, name: group.name)) }

    /// The values of an attribute with few values.
    private func values(of value: GroupAttributeValue) -> [String] {
        switch value {
        case .objectClass: Self.objectClasses.map(\.rawValue)
        case .structuralObjectClass: [Self.structuralObjectClass.rawValue]
        case .name: [group.name]
        case .gidNumber: ["\(group.gidNumber)"]
        case .memberName, .memberDN: []
        case .createTime: group.createTime.map { [$0.generalizedTime] } ?? []
        case .updateTime: group.updateTime.map { [$0.generalizedTime] } ?? []
        case .entryUUID: [EntryUUID(entry: "group \(group.cluster) \(group.gidNumber)").text]
        case .entryDN: [name]
        case .hasSubordinates: ["FALSE"]
        case .subschemaSubentry: [DirectoryInformationTree.subschemaName]
        }
    }

    /// The visible users in the group.
    private var members: some Sequence<UserRow> {
        snapshot.members(of: group).lazy.compactMap { id in
            snapshot.row(id, in: group.cluster).flatMap { visibility.lets(see: $0) ? $0 : nil }
        }
    }

    /// The names of members that are not users.
    private var memberNames: [String] { visibility == .all ? snapshot.allMemberNames(of: group) : [] }

    /// The groups that are direct members.
    private var memberGroups: [Group] { visibility == .all ? snapshot.memberGroups(of: group) : [] }

    /// Whether the attribute has a value.
    private func hasMembers(as value: GroupAttributeValue) -> Bool {
        if members.contains(where: { _ in true }) { return true }
        return if case .memberDN = value { !memberGroups.isEmpty } else { !memberNames.isEmpty }
    }

    // MARK: Writing

    /// Writes the entry as a SearchResultEntry of the search `id`.
    func write(id: Int32, selection: AttributeSelection, to writer: inout ResponseWriter) {
        writer.entry(id) { writer in
            writer.octets(name)
        } attributes: { writer in
            for (type, value) in Schema.standard.groupAttributes where selection.contains(type) {
                switch value {
                case .memberName, .memberDN:
                    guard hasMembers(as: value) else { continue }
                    writer.attribute(type) { writer in
                        if !selection.typesOnly { writeMembers(as: value, to: &writer) }
                    }
                default:
                    let values = values(of: value)
                    guard !values.isEmpty else { continue }
                    writer.attribute(type) { writer in
                        guard !selection.typesOnly else { return }
                        for text in values { writer.octets(text) }
                    }
                }
            }
        }
    }

    private func writeMembers(as value: GroupAttributeValue, to writer: inout ResponseWriter) {
        guard case .memberDN = value else {
            for row in members { row.withUsername { writer.octets($0) } }
            for name in memberNames { writer.octets(name) }
            return
        }
        let parent = tree.parentOfUsers(of: group.cluster)
        for row in members { row.withUsername { writer.name(tree.naming.prefix, $0, parent: parent) } }
        let parentOfGroups = tree.parentOfGroups(of: group.cluster)
        for group in memberGroups { writer.name("cn=", group.name, parent: parentOfGroups) }
    }
}

/// Every filter item about a group is decided at once, as for a static entry.
extension GroupEntry: FilterTarget {
    func presence(of type: AttributeType) -> Filter {
        switch type.groupValue {
        case nil: .constant(.no)
        case .memberName?, .memberDN?: type.groupValue.map { .constant(Truth(hasMembers(as: $0))) } ?? .constant(.no)
        case .createTime: .constant(Truth(group.createTime != nil))
        case .updateTime: .constant(Truth(group.updateTime != nil))
        default: .constant(.yes)
        }
    }

    func comparison(
        _ comparison: Filter.Comparison, of type: AttributeType, with value: AssertedValue, under rule: MatchingRule
    ) -> Filter {
        guard let own = type.groupValue else { return .constant(.no) }
        switch (own, value) {
        case (.memberName, .text(let text)):
            guard comparison == .equal, let textRule = rule.textRule else { return .constant(.no) }
            return .constant(Truth(hasMember(UserFilterTarget.trimmed(text), ignoringCase: textRule.ignoresCase)))
        case (.memberDN, .name(let name)):
            guard comparison == .equal else { return .constant(.no) }
            if case .group(group.cluster, let name) = tree.place(of: name) {
                let member = snapshot.group(named: name, in: group.cluster)
                return .constant(Truth(memberGroups.contains { $0.gidNumber == member?.gidNumber }))
            }
            guard let user = user(called: name) else { return .constant(.no) }
            return .constant(Truth(snapshot.isMember(user.id, of: group.key)))
        case (.memberName, _), (.memberDN, _): return .constant(.no)
        case (.entryDN, .name(let name)):
            guard case .group(group.cluster, let name) = tree.place(of: name) else { return .constant(.no) }
            let named = snapshot.group(named: name, in: group.cluster)
            return .constant(Truth(named?.gidNumber == group.gidNumber))
        default: return .constant(Truth(values(of: own).contains { rule.compares($0, comparison, with: value) }))
        }
    }

    func substring(_ substring: Filter.Substring, of type: AttributeType) -> Filter {
        let ignoresCase = type.definition.equality?.textRule?.ignoresCase ?? false
        switch type.groupValue {
        case nil, .memberDN: return .constant(.no)
        case .memberName:
            return .constant(
                Truth(
                    members.contains { $0.withText(of: .username) { substring.isIn($0, ignoresCase: ignoresCase) } }
                        || substring.isIn(anyOf: memberNames, ignoresCase: ignoresCase)))
        case let value?:
            return .constant(
                Truth(
                    substring.isIn(anyOf: values(of: value), ignoresCase: ignoresCase)))
        }
    }

    func nameComparison(of type: AttributeType, with value: AssertedValue, under rule: MatchingRule) -> Filter {
        StaticEntry(name: name, []).nameComparison(of: type, with: value, under: rule)
    }

    /// Compares names like those of users: spaces at the ends of `name` are ignored, other spaces are significant.
    private func hasMember(_ name: String, ignoringCase: Bool) -> Bool {
        if ignoringCase {
            return members.contains { row in
                row.withText(of: .username) { TextComparison(ignoresCase: true).areEqual($0, name) }
            }
                || memberNames.contains { name == $0 || Username.key(of: name) == Username.key(of: $0) }
        }
        guard let row = snapshot.row(calledExactly: name, in: group.cluster, visibility) else {
            return memberNames.contains(name)
        }
        return snapshot.isMember(row.id, of: group.key)
    }

    private func user(called name: DistinguishedName) -> UserRow? {
        tree.user(called: name, in: group.cluster, of: snapshot, visibility)
    }
}

extension Snapshot {
    /// The visible user with exactly that name.
    func row(calledExactly name: String, in cluster: ClusterID, _ visibility: Scope.Visibility) -> UserRow? {
        guard let row = row(named: name, in: cluster), visibility.lets(see: row),
            row.withText(of: .username, { $0.elementsEqual(name.utf8) })
        else { return nil }
        return row
    }
}

extension DirectoryInformationTree {
    /// The visible user of the cluster whose entry the name denotes.
    func user(
        called name: DistinguishedName, in cluster: ClusterID, of snapshot: Snapshot, _ visibility: Scope.Visibility
    ) -> UserRow? {
        guard case .user(cluster, let username) = place(of: name), let row = snapshot.row(named: username, in: cluster),
            visibility.lets(see: row)
        else { return nil }
        return row
    }
}
