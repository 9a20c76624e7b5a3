import RosterModel

/// The groups of one cluster and all ways to find them. What a change costs grows with the members of the changed group
/// alone: a site may have a group for each of its users.
struct ClusterGroups: Sendable {
    private var byGID = PartitionedDictionary<UInt32, Group>()
    /// By name without regard to ASCII case.
    private var gidOfName = PartitionedDictionary<String, UInt32>()
    /// Those whose name is the same as another text under a looser rule than that of `gidOfName`: hardly any.
    private var looselyNamed: Set<UInt32> = []
    private var gidsOfMember = PartitionedDictionary<HPCUserID, [UInt32]>()
    /// The groups that have a group as a member, by its gid: few.
    private var parents: [UInt32: Set<UInt32>] = [:]
    /// The groups that have a name as a member that is no user's: few.
    private var gidsOfName: [String: Set<UInt32>] = [:]
    /// How many members all groups list together.
    private(set) var memberCount = 0

    var all: some Sequence<Group> { byGID.values }

    var isEmpty: Bool { byGID.count == 0 }

    subscript(gid: UInt32) -> Group? { byGID[gid] }

    subscript(named name: String) -> Group? { gidOfName[Username.key(of: name)].flatMap { byGID[$0] } }

    /// All groups whose name can be `text` under a rule that ignores case and needless spaces, by gid; it may be that some
    /// are not.
    func mayBeCalled(_ text: String) -> [Group] {
        var gids = looselyNamed
        let name = String(decoding: Self.looseRule.prepared(text), as: UTF8.self)
        if let gid = gidOfName[name] { gids.insert(gid) }
        return gids.sorted().compactMap { byGID[$0] }
    }

    private static let looseRule = TextComparison(ignoresCase: true, ignoresSpaces: true)

    /// Whether the key of the name is what the looser rule makes of it.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 < 0x80 } && looseRule.prepared(name).elementsEqual(Username.key(of: name).utf8)
    }

    /// The groups that `member` is in, listed there or through other groups, by gid.
    subscript(ofMember member: HPCUserID) -> [Group] { groups(above: gidsOfMember[member] ?? []) }

    /// The groups that have the group as a member, by themselves or through others, by gid.
    func groups(ofGroup gid: UInt32) -> [Group] { groups(above: (parents[gid] ?? []).sorted()) }

    /// The groups that have the name as a member, by themselves or through other groups, by gid.
    func groups(ofName name: String) -> [Group] { groups(above: (gidsOfName[name] ?? []).sorted()) }

    /// Whether a group lists `member`.
    func hasGroup(ofMember member: HPCUserID) -> Bool { gidsOfMember[member] != nil }

    /// Whether `member` is in the group with that gid, listed there or through other groups.
    func isMember(_ member: HPCUserID, of gid: UInt32) -> Bool {
        guard let gids = gidsOfMember[member] else { return false }
        return gids.contains(gid) || !parents.isEmpty && closure(of: gids) { parents[$0] ?? [] }.contains(gid)
    }

    /// The group and the groups that are members of it, by themselves or through others.
    func withMemberGroups(_ group: Group) -> [Group] {
        guard !group.memberGroups.isEmpty else { return [group] }
        let below = closure(of: [group.gidNumber]) { byGID[$0]?.memberGroups ?? [] }
        // The group itself as it is asked for: it may be another version than the one here.
        return [group] + below.filter { $0 != group.gidNumber }.sorted().compactMap { byGID[$0] }
    }

    /// The users that are in the group, listed there or in groups that are members of it, each once.
    func members(of group: Group) -> [HPCUserID] {
        let groups = withMemberGroups(group)
        guard groups.count > 1 else { return group.members }
        return Set(groups.lazy.flatMap(\.members)).sorted()
    }

    private func groups(above gids: [UInt32]) -> [Group] {
        let all = parents.isEmpty || gids.isEmpty ? gids : closure(of: gids) { parents[$0] ?? [] }.sorted()
        return all.compactMap { byGID[$0] }
    }

    /// What can be reached from `gids`, them included. Groups may be in a circle: each is visited once.
    private func closure<Next: Sequence<UInt32>>(
        of gids: some Sequence<UInt32>, _ next: (UInt32) -> Next
    ) -> Set<UInt32> {
        var reached = Set(gids)
        var rest = Array(reached)
        while let gid = rest.popLast() {
            for other in next(gid) where reached.insert(other).inserted { rest.append(other) }
        }
        return reached
    }

    mutating func upsert(_ group: Group) {
        let before = byGID[group.gidNumber]
        byGID[group.gidNumber] = group
        if let before, Username.key(of: before.name) != Username.key(of: group.name) { forgetName(of: before) }
        gidOfName[Username.key(of: group.name)] = group.gidNumber
        if Self.isPlain(group.name) {
            looselyNamed.remove(group.gidNumber)
        } else {
            looselyNamed.insert(group.gidNumber)
        }
        setMembers(of: group.gidNumber, before: before?.members ?? [], after: group.members)
        setFurtherMembers(of: group.gidNumber, before: before, after: group)
    }

    mutating func remove(_ gid: UInt32) {
        guard let group = byGID[gid] else { return }
        byGID[gid] = nil
        looselyNamed.remove(gid)
        forgetName(of: group)
        setMembers(of: gid, before: group.members, after: [])
        setFurtherMembers(of: gid, before: group, after: nil)
    }

    private mutating func setFurtherMembers(of gid: UInt32, before: Group?, after: Group?) {
        Self.move(gid, from: before?.memberGroups ?? [], to: after?.memberGroups ?? [], in: &parents)
        Self.move(gid, from: before?.memberNames ?? [], to: after?.memberNames ?? [], in: &gidsOfName)
    }

    /// Takes the gid out of the sets of some members, and puts it into those of others.
    private static func move<Member>(
        _ gid: UInt32, from before: [Member], to after: [Member], in index: inout [Member: Set<UInt32>]
    ) {
        guard before != after else { return }
        for member in before {
            index[member]?.remove(gid)
            if index[member]?.isEmpty == true { index[member] = nil }
        }
        for member in after { index[member, default: []].insert(gid) }
    }

    private mutating func forgetName(of group: Group) {
        let key = Username.key(of: group.name)
        // The name may be another group's by now.
        if gidOfName[key] == group.gidNumber { gidOfName[key] = nil }
    }

    private mutating func setMembers(of gid: UInt32, before: [HPCUserID], after: [HPCUserID]) {
        guard before != after else { return }
        memberCount += after.count - before.count
        let (left, joined) = (Set(before).subtracting(after), Set(after).subtracting(before))
        for member in left {
            let gids = (gidsOfMember[member] ?? []).filter { $0 != gid }
            gidsOfMember[member] = gids.isEmpty ? nil : gids
        }
        for member in joined {
            var gids = gidsOfMember[member] ?? []
            gids.insert(gid, at: gids.firstIndex { $0 > gid } ?? gids.endIndex)
            gidsOfMember[member] = gids
        }
    }
}
