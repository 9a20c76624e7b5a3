import RosterDirectory
import RosterModel
import RosterSnapshot

/// Finds the groups that a filter may match without testing every group.
struct GroupSearchPlan {
    let tree: DirectoryInformationTree
    let snapshot: Snapshot
    let cluster: ClusterID
    /// What the caller may see of the users of the cluster.
    let visibility: Scope.Visibility

    /// Groups by gid, and the rest of the filter to test on each. No other group matches.
    typealias Candidates = (groups: [Group], rest: SearchFilter)

    /// Nil means any group of the cluster.
    func candidates(_ filter: SearchFilter) -> Candidates? {
        switch filter {
        case .and(let filters):
            // The candidates of one part suffice for all parts.
            var fewest: (part: Int, found: Candidates)?
            for (part, filter) in filters.enumerated() {
                guard let found = candidates(filter), found.groups.count < fewest?.found.groups.count ?? .max else {
                    continue
                }
                fewest = (part, found)
                if found.groups.count < 2 { break }
            }
            guard let fewest else { return nil }
            var rest = filters
            rest[fewest.part] = fewest.found.rest
            return (fewest.found.groups, .and(rest))
        case .or(let filters):
            var all: [UInt32: Group] = [:]
            for filter in filters {
                guard let found = candidates(filter) else { return nil }
                for group in found.groups { all[group.gidNumber] = group }
            }
            return (all.values.sorted { $0.gidNumber < $1.gidNumber }, filter)
        case .equality(let assertion), .approximate(let assertion): return candidates(assertion, filter)
        case .present(let name): return Self.mayHave(AttributeType(name)) ? nil : ([], filter)
        // Not indexed: `not`, orderings, substrings, rules.
        default: return nil
        }
    }

    private func candidates(_ assertion: AttributeValueAssertion, _ filter: SearchFilter) -> Candidates? {
        let type = AttributeType(assertion.attribute)
        if let type, !type.subtypes.isEmpty { return nil }
        guard let type, let own = type.groupValue, let rule = type.definition.equality,
            let value = AssertedValue(assertion.value, under: rule)
        else { return ([], filter) }
        switch (own, value) {
        case (.objectClass, .objectClass(let asked)):
            return GroupEntry.objectClasses.contains(asked) ? nil : ([], filter)
        case (.gidNumber, .integer(let number)):
            let group = UInt32(exactly: number).flatMap { snapshot.group(gid: $0, in: cluster) }
            return (group.map { [$0] } ?? [], filter)
        case (.name, .text(let text)): return (snapshot.groups(thatMayBeCalled: text, in: cluster), filter)
        case (.memberName, .text(let text)):
            let name = UserFilterTarget.trimmed(text)
            if let row = snapshot.row(calledExactly: name, in: cluster, visibility) { return groups(of: row) }
            return (visibility == .all ? snapshot.groups(ofName: name, in: cluster) : [], .and([]))
        case (.memberDN, .name(let name)):
            // For a member group, the candidates are the groups that contain it directly.
            if case .group(cluster, let name) = tree.place(of: name), visibility == .all {
                let member = snapshot.group(named: name, in: cluster)
                return (member.map { snapshot.groups(ofGroup: $0.key) } ?? [], filter)
            }
            return groups(of: tree.user(called: name, in: cluster, of: snapshot, visibility))
        default: return nil
        }
    }

    /// The groups that list the user. Nothing remains to test, which matters if they are many.
    private func groups(of user: UserRow?) -> Candidates { (user?.groups ?? [], .and([])) }

    /// Whether a group's entry can have the attribute.
    private static func mayHave(_ type: AttributeType?) -> Bool {
        type.map { $0.groupValue != nil || !$0.subtypes.isEmpty } ?? false
    }
}
