import RosterDirectory
import RosterModel
import RosterSnapshot

/// Finds the groups that a filter can be true of without looking at each.
struct GroupSearchPlan {
    let snapshot: Snapshot
    let cluster: ClusterID

    /// By gid. It may be that some do not match, but none that does is left out; nil is any group of the cluster.
    func candidates(_ filter: SearchFilter) -> [Group]? {
        switch filter {
        case .and(let filters):
            // What one part leaves holds for all.
            var fewest: [Group]?
            for filter in filters {
                guard let found = candidates(filter), found.count < fewest?.count ?? .max else { continue }
                fewest = found
                if found.count < 2 { break }
            }
            return fewest
        case .or(let filters):
            var all: [UInt32: Group] = [:]
            for filter in filters {
                guard let found = candidates(filter) else { return nil }
                for group in found { all[group.gidNumber] = group }
            }
            return all.values.sorted { $0.gidNumber < $1.gidNumber }
        case .equality(let assertion), .approximate(let assertion): return candidates(assertion)
        case .present(let name): return Self.mayHave(AttributeType(name)) ? nil : []
        // What is not so is not looked up: `not`, orders, pieces, rules.
        default: return nil
        }
    }

    private func candidates(_ assertion: AttributeValueAssertion) -> [Group]? {
        let type = AttributeType(assertion.attribute)
        guard let type, Self.mayHave(type), let rule = type.definition.equality,
            let value = AssertedValue(assertion.value, under: rule)
        else { return [] }
        switch (type, value) {
        case (.objectClass, .objectClass(let asked)): return GroupEntry.objectClasses.contains(asked) ? nil : []
        case (.gidNumber, .integer(let number)):
            return UInt32(exactly: number).flatMap { snapshot.group(gid: $0, in: cluster) }.map { [$0] } ?? []
        case (.cn, .text(let text)): return snapshot.groups(thatMayBeCalled: text, in: cluster)
        case (.memberUid, .text(let text)):
            let user = snapshot.row(named: UserFilterTarget.trimmed(text), in: cluster)
            return user.map { snapshot.groups(ofMember: $0.id, in: cluster) } ?? []
        default: return nil
        }
    }

    /// Whether there is an entry of a group that has the attribute.
    private static func mayHave(_ type: AttributeType?) -> Bool {
        guard let type else { return false }
        return possibleAttributes.contains(type)
    }

    private static let possibleAttributes = {
        var attributes = Schema.standard.attributes(of: GroupEntry.objectClasses)
        for type in StaticEntry.operationalTypes { attributes.insert(type) }
        return attributes
    }()
}
