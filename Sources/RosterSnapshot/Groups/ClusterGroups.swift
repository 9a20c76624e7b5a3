import RosterModel

/// The groups of one cluster, indexed for all lookups. The cost of a change depends only on the number of members of
/// the changed group, because a site may have a group for each of its users.
struct ClusterGroups: Sendable {
    private var byGID = PartitionedDictionary<UInt32, Group>()
    /// By name, ignoring ASCII case.
    private var gidOfName = PartitionedDictionary<String, UInt32>()
    /// The groups whose names may match other texts under a looser rule than that of `gidOfName`: very few.
    private var looselyNamed: Set<UInt32> = []
    private var gidsOfMember = PartitionedDictionary<HPCUserID, [UInt32]>()
    /// For each gid, the groups that have its group as a direct member: few.
    private var parents: [UInt32: Set<UInt32>] = [:]
    /// For each name that belongs to no user, the groups that have it as a direct member: few.
    private var gidsOfName: [String: Set<UInt32>] = [:]
    /// The number of members that all groups list, added up.
    private(set) var memberCount = 0

    var all: some Sequence<Group> { byGID.values }

    /// The number of groups, and of the members that they list.
    var listCost: Int { byGID.count + memberCount }

    var isEmpty: Bool { byGID.count == 0 }

    subscript(gid: UInt32) -> Group? { byGID[gid] }

    subscript(named name: String) -> Group? { gidOfName[Username.key(of: name)].flatMap { byGID[$0] } }

    /// The groups whose names may match `text` under a rule that ignores case and needless spaces, by gid; some may not
    /// match.
    func mayBeCalled(_ text: String) -> [Group] {
        var gids = looselyNamed
        let name = String(decoding: Self.looseRule.prepared(text), as: UTF8.self)
        if let gid = gidOfName[name] { gids.insert(gid) }
        return gids.sorted().compactMap { byGID[$0] }
    }

    private static let looseRule = TextComparison(ignoresCase: true, ignoresSpaces: true)

    /// Whether the looser rule gives the name's own key.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 < 0x80 } && looseRule.prepared(name).elementsEqual(Username.key(of: name).utf8)
    }

    /// The groups that `member` belongs to, directly or through other groups, by gid.
    subscript(ofMember member: HPCUserID) -> [Group] { groups(above: gidsOfMember[member] ?? []) }

    /// The groups that list `member`, by gid.
    func groups(listing member: HPCUserID) -> [Group] { (gidsOfMember[member] ?? []).compactMap { byGID[$0] } }

    /// The groups that the group belongs to, directly or through others, by gid.
    func groups(ofGroup gid: UInt32) -> [Group] { groups(above: (parents[gid] ?? []).sorted()) }

    /// The groups that the name belongs to, directly or through other groups, by gid.
    func groups(ofName name: String) -> [Group] { groups(above: (gidsOfName[name] ?? []).sorted()) }

    /// Whether any group lists `member`.
    func hasGroup(ofMember member: HPCUserID) -> Bool { gidsOfMember[member] != nil }

    /// Whether `member` belongs to the group `gid`, directly or through other groups.
    func isMember(_ member: HPCUserID, of gid: UInt32) -> Bool {
        guard let gids = gidsOfMember[member] else { return false }
        return gids.contains(gid) || !parents.isEmpty && closure(of: gids) { parents[$0] ?? [] }.contains(gid)
    }

    /// The group and all groups that belong to it, directly or through others.
    func withMemberGroups(_ group: Group) -> [Group] {
        guard !group.memberGroups.isEmpty else { return [group] }
        let below = closure(of: [group.gidNumber]) { byGID[$0]?.memberGroups ?? [] }
        // The argument itself: the version in this index may be another one.
        return [group] + below.filter { $0 != group.gidNumber }.sorted().compactMap { byGID[$0] }
    }

    /// The users that belong to the group, directly or through member groups, each once.
    func members(of group: Group) -> [HPCUserID] {
        let groups = withMemberGroups(group)
        guard groups.count > 1 else { return group.members }
        return Set(groups.lazy.flatMap(\.members)).sorted()
    }

    private func groups(above gids: [UInt32]) -> [Group] {
        let all = parents.isEmpty || gids.isEmpty ? gids : closure(of: gids) { parents[$0] ?? [] }.sorted()
        return all.compactMap { byGID[$0] }
    }

    /// Everything that can be reached from `gids`, themselves included. Groups may form a cycle: each is visited once.
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

    /// Removes the gid from the sets of `before` and adds it to those of `after`.
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
        // The name may meanwhile belong to another group.
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
