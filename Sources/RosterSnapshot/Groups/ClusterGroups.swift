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

    /// The groups that list `member`, by gid.
    subscript(ofMember member: HPCUserID) -> [Group] { (gidsOfMember[member] ?? []).compactMap { byGID[$0] } }

    /// Whether a group lists `member`.
    func hasGroup(ofMember member: HPCUserID) -> Bool { gidsOfMember[member] != nil }

    /// Whether the group with that gid lists `member`.
    func isMember(_ member: HPCUserID, of gid: UInt32) -> Bool { gidsOfMember[member]?.contains(gid) ?? false }

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
    }

    mutating func remove(_ gid: UInt32) {
        guard let group = byGID[gid] else { return }
        byGID[gid] = nil
        looselyNamed.remove(gid)
        forgetName(of: group)
        setMembers(of: gid, before: group.members, after: [])
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
