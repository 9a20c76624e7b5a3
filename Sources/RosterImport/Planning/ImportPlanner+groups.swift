import RosterModel
import RosterStore

// Plans the groups of a file. A group never causes its users to be refused: a group that cannot be imported is left
// out, and a diagnostic says why.
extension ImportPlanner {
    /// Plans the groups of the file, after its users.
    /// - Parameter plan: has all users and new clusters; the groups are added to it.
    func planGroups(_ plan: inout ImportPlan, basis: ImportBasis, now: Timestamp) {
        guard !file.groups.isEmpty else { return }
        var planner = GroupPlanner(plan, basis: basis, options: options, now: now)
        let names = file.groups.lazy.flatMap { $0.members + $0.memberEntries }
        planner.findUsers(named: Set(names.map { Username.key(of: $0) }), plan, basis)
        planner.recordNumbers(of: file.groups, plan, basis)
        var memberless: (line: Int, count: Int)?
        /// The groups with member groups, and their indexes in the plan.
        var outer: [(place: Int, group: ImportFile.ImportedGroup)] = []
        // Groups with a gid come first: they take precedence for a name.
        for group in file.groups.filter({ $0.gidNumber != nil }) + file.groups.filter({ $0.gidNumber == nil }) {
            do throws(PlanningError) {
                // Directories store roles and permissions as such groups.
                let cluster = try cluster(named: group.cluster)
                guard group.gidNumber != nil || planner.hasUser(group, in: cluster) else {
                    memberless = (memberless?.line ?? group.line, (memberless?.count ?? 0) + 1)
                    continue
                }
                let (item, remarks) = try planner.plan(group, in: cluster)
                if !group.memberGroups.isEmpty { outer.append((plan.groupItems.count, group)) }
                plan.groupItems.append(item)
                plan.diagnostics += remarks.map { ImportDiagnostic(line: group.line, $0, source: group.source) }
            } catch {
                plan.diagnostics.append(
                    ImportDiagnostic(
                        line: group.line, "group \(group.name.sanitizedForDisplay()): \(error.message)",
                        source: group.source))
            }
        }
        // By now all gids are known.
        for (place, group) in outer {
            if let remark = planner.addMemberGroups(named: group.memberGroups, to: &plan.groupItems[place]) {
                plan.diagnostics.append(ImportDiagnostic(line: group.line, remark, source: group.source))
            }
        }
        if let memberless {
            plan.diagnostics.append(
                ImportDiagnostic(
                    line: memberless.line,
                    "groups without a gid and without a user as a member are not kept; a gidNumber keeps them; such groups in the file: "
                        + "\(memberless.count)"))
        }
    }

    /// The cluster that the file names, otherwise the one in the options, otherwise the only cluster of the file's
    /// users.
    func cluster(named text: String?) throws(PlanningError) -> ClusterID {
        guard let text else {
            if let cluster = options.cluster { return cluster }
            guard recordsByCluster.count == 1, let only = recordsByCluster.keys.first, let id = try? ClusterID(only)
            else { throw .refused("the file does not say of which cluster it is; it is left out") }
            return id
        }
        let cluster = try PlanningError.refusing { () throws(RosterError) in try ClusterID(text) }
        if let asked = options.cluster, asked != cluster {
            throw .refused("it is of cluster \(cluster), not of \(asked); it is left out")
        }
        return cluster
    }
}

/// The unused numbers of a range: first those above the largest used one, then the gaps, smallest first. Each is
/// returned once.
private struct FreeNumbers {
    private let used: Set<UInt32>
    private let alsoUsed: Set<UInt32>
    /// The ranges still to try, last element first: the one above the largest used number, then the one below it.
    private var candidates: [ClosedRange<UInt32>]

    init(_ range: ClosedRange<UInt32>, used: Set<UInt32>, alsoUsed: Set<UInt32>) {
        self.used = used
        self.alsoUsed = alsoUsed
        guard
            let largest = [used, alsoUsed].lazy.compactMap({ $0.lazy.filter(range.contains).max() }).max()
        else {
            candidates = [range]
            return
        }
        candidates = largest > range.lowerBound ? [range.lowerBound...(largest - 1)] : []
        if largest < range.upperBound { candidates.append((largest + 1)...range.upperBound) }
    }

    /// The next number; nil if none is left.
    mutating func next() -> UInt32? {
        while let last = candidates.popLast() {
            let number = last.lowerBound
            if number < last.upperBound { candidates.append((number + 1)...last.upperBound) }
            if !used.contains(number), !alsoUsed.contains(number) { return number }
        }
        return nil
    }
}

/// Plans groups one by one against the directory and the groups planned before.
private struct GroupPlanner {
    private let options: ImportOptions
    private let now: Timestamp
    /// The existing and new clusters in the zone of the import, with their ranges of numbers.
    private let clusters: [ClusterID: ClosedRange<UInt32>]
    /// The gids that were ever allocated in a cluster, or that its users get; empty if every group of the file has a
    /// gid.
    private var usedGIDs: [ClusterID: Set<UInt32>] = [:]
    /// The gids of groups in the file; empty if every group has one.
    private var gidsOfFile: Set<UInt32> = []
    private var freeGIDs: [ClusterID: FreeNumbers] = [:]
    private var present: [Group.Key: Group] = [:]
    private var gidOfName: [NameKey: UInt32] = [:]
    private var removed: [Group.Key: Group] = [:]
    private var gidOfRemovedName: [NameKey: UInt32] = [:]
    private var lines: [Group.Key: Int] = [:]
    private var users: [NameKey: Member] = [:]
    /// The users that exist and are left alone.
    private var leftAlone: Set<HPCUserID> = []
    /// The names of users that were deleted in Roster.
    private var deleted: Set<NameKey> = []

    private struct Member {
        let id: HPCUserID
        let gidNumber: UInt32
    }

    init(_ plan: ImportPlan, basis: ImportBasis, options: ImportOptions, now: Timestamp) {
        self.options = options
        self.now = now
        clusters = Dictionary(
            (basis.clusters + plan.newClusters).lazy.filter { $0.zone == options.zone }.map { ($0.id, $0.uidRange) },
            uniquingKeysWith: { first, _ in first })
        for group in basis.groups + plan.newGroups {
            present[group.key] = group
            gidOfName[NameKey(group.cluster, group.name)] = group.gidNumber
        }
        for group in basis.removedGroups {
            removed[group.key] = group
            gidOfRemovedName[NameKey(group.cluster, group.name)] = group.gidNumber
        }
    }

    /// Records which gids are in use, if a group of the file has none.
    mutating func recordNumbers(of groups: [ImportFile.ImportedGroup], _ plan: ImportPlan, _ basis: ImportBasis) {
        guard groups.contains(where: { $0.gidNumber == nil }) else { return }
        for allocation in basis.allocations where allocation.kind == .gid {
            usedGIDs[allocation.cluster, default: []].insert(allocation.number)
        }
        for group in plan.newGroups { usedGIDs[group.cluster, default: []].insert(group.gidNumber) }
        for item in plan.items { usedGIDs[item.user.cluster, default: []].insert(item.user.gidNumber) }
        gidsOfFile = Set(groups.lazy.compactMap(\.gidNumber))
    }

    private mutating func nextGID(in cluster: ClusterID) throws(ImportPlanner.PlanningError) -> UInt32 {
        let range = clusters[cluster] ?? Cluster.defaultUIDRange
        if freeGIDs[cluster] == nil {
            freeGIDs[cluster] = FreeNumbers(
                range, used: usedGIDs.removeValue(forKey: cluster) ?? [], alsoUsed: gidsOfFile)
        }
        guard let number = freeGIDs[cluster]?.next() else {
            throw .refused("no gid of \(range.lowerBound) to \(range.upperBound) is left; it is left out")
        }
        return number
    }

    /// The gid for a group without one in the file: the one from an earlier import, otherwise a new one.
    private mutating func number(for name: String, in cluster: ClusterID) throws(ImportPlanner.PlanningError) -> UInt32
    {
        let key = NameKey(cluster, name)
        guard let gid = gidOfName[key] else {
            if let gid = gidOfRemovedName[key] { return gid }
            return try nextGID(in: cluster)
        }
        let known = Group.Key(cluster: cluster, gidNumber: gid)
        if let line = lines[known] {
            throw .conflicting("it has no gid, and the group of that name in line \(line) has \(gid); it is left out")
        }
        if present[known]?.isPrimary == true {
            throw .conflicting("it has no gid, and its name is that of the cluster's own group; it is left out")
        }
        return gid
    }

    /// Whether any member is a user.
    func hasUser(_ group: ImportFile.ImportedGroup, in cluster: ClusterID) -> Bool {
        (group.members + group.memberEntries).contains {
            users[NameKey(cluster, $0)] != nil
        }
    }

    /// Finds the users that are members of any group, in their state after the import.
    mutating func findUsers(named names: Set<String>, _ plan: ImportPlan, _ basis: ImportBasis) {
        for (user, _) in basis.tombstones where names.contains(user.username.key) {
            deleted.insert(NameKey(user.cluster, user.username.text))
        }
        for user in basis.users where names.contains(user.username.key) {
            record(user)
            if options.onlyNew { leftAlone.insert(user.id) }
        }
        for item in plan.items where item.verdict != .skipped && names.contains(item.user.username.key) {
            record(item.user)
        }
    }

    private mutating func record(_ user: User) {
        users[NameKey(user.cluster, user.username.text)] = Member(id: user.id, gidNumber: user.gidNumber)
    }

    /// Plans a group, except for its member groups.
    /// - Returns: the planned group, and remarks about members that do not exist.
    /// - Throws: why the group is left out.
    mutating func plan(
        _ imported: ImportFile.ImportedGroup, in cluster: ClusterID
    ) throws(ImportPlanner.PlanningError) -> (ImportPlan.GroupItem, remarks: [String]) {
        guard clusters[cluster] != nil else { throw .refused("no cluster \(cluster) in this zone; it is left out") }
        let name = try ImportPlanner.PlanningError.refusing { () throws(RosterError) in try Username(imported.name) }
        if !options.acceptsOdd, let remark = OddValues.remark(onName: name.text) {
            throw .refused("its name \(remark); --accept-odd takes it; it is left out")
        }
        let gid = if let gid = imported.gidNumber { gid } else { try number(for: name.text, in: cluster) }
        var group = Group(cluster: cluster, name: name.text, gidNumber: gid, isPrimary: false)
        if let line = lines.updateValue(imported.line, forKey: group.key) {
            throw .conflicting("gid \(group.gidNumber) is also in line \(line); it is left out")
        }
        if let gid = gidOfName[NameKey(group.cluster, group.name)], gid != group.gidNumber {
            throw .conflicting(
                "its gid is \(gid) and \(group.gidNumber) in the file; a gid never changes, it is left out")
        }
        var (members, names, strangers) = members(imported, of: group, isOwn: present[group.key]?.isPrimary ?? false)
        let kept = members.intersection(leftAlone).subtracting(present[group.key]?.members ?? [])
        members.subtract(leftAlone)
        if options.onlyNew, present[group.key] != nil { (names, strangers) = ([], []) }
        let verdict: ImportPlan.GroupItem.Verdict
        if let before = present[group.key] {
            guard NameKey(before.cluster, before.name) == NameKey(group.cluster, group.name) else {
                throw .conflicting("gid \(group.gidNumber) is that of group \(before.name); it is left out")
            }
            group = before
            group.members = Set(before.members).union(members).sorted()
            group.memberNames = Set(before.memberNames).union(names).sorted()
            let isUnchanged =
                Set(before.members).count == group.members.count && before.memberNames.count == group.memberNames.count
            verdict = isUnchanged ? .unchanged : .changed
            if !isUnchanged { group.updateTime = imported.updateTime ?? now }
        } else {
            if let before = removed[group.key] {
                guard NameKey(before.cluster, before.name) == NameKey(group.cluster, group.name) else {
                    throw .conflicting(
                        "gid \(group.gidNumber) was that of group \(before.name) and is never given again; it is left out"
                    )
                }
                guard options.restores else {
                    throw .refused("it was deleted in Roster and stays deleted; --restore brings it back")
                }
            }
            group.members = members.sorted()
            group.memberNames = names.sorted()
            group.createTime = imported.createTime ?? now
            group.updateTime = imported.updateTime ?? group.createTime
            verdict = removed[group.key] == nil ? .new : .restored
        }
        present[group.key] = group
        gidOfName[NameKey(group.cluster, group.name)] = group.gidNumber
        return (
            .init(line: imported.line, source: imported.source, group: group, verdict: verdict),
            [
                Self.remark(on: strangers, of: group, "left out of it"),
                Self.remark(on: names.sorted(), of: group, "kept as a name"),
                kept.isEmpty
                    ? nil : "group \(group.name): users who are there already and do not join it: \(kept.count)",
            ].compactMap { $0 }
        )
    }

    /// Adds the member groups of a group; all groups must have been planned.
    /// - Returns: a remark about groups that cannot be members; nil if there are none.
    mutating func addMemberGroups(named names: [String], to item: inout ImportPlan.GroupItem) -> String? {
        if options.onlyNew, item.verdict == .changed || item.verdict == .unchanged { return nil }
        var (group, strangers) = (item.group, [String]())
        for name in names {
            let gid = gidOfName[NameKey(group.cluster, name)]
            guard let gid, let member = present[Group.Key(cluster: group.cluster, gidNumber: gid)], !member.isPrimary,
                !isMember(group.gidNumber, of: member), !group.memberGroups.contains(gid)
            else {
                if gid.map({ !group.memberGroups.contains($0) }) ?? true { strangers.append(name) }
                continue
            }
            group.memberGroups.append(gid)
        }
        group.memberGroups.sort()
        if group.memberGroups != item.group.memberGroups {
            if item.verdict == .unchanged {
                item.verdict = .changed
                group.updateTime = now
            }
            item.group = group
            present[group.key] = group
        }
        return strangers.isEmpty
            ? nil
            : "group \(group.name): cannot have as members the groups \(Self.shown(strangers)): they are not kept, or it is in them"
    }

    /// Whether `gid` is that of a group, or of one of its member groups, direct or through others.
    private func isMember(_ gid: UInt32, of group: Group) -> Bool {
        var (rest, seen): ([Group], Set<UInt32>) = ([group], [group.gidNumber])
        while let next = rest.popLast() {
            if next.gidNumber == gid { return true }
            for member in next.memberGroups where seen.insert(member).inserted {
                if let member = present[Group.Key(cluster: group.cluster, gidNumber: member)] { rest.append(member) }
            }
        }
        return false
    }

    /// The users to list, the names that belong to no user and are stored as names, and the names that cannot be
    /// stored.
    /// - Parameter isOwn: whether the group is the cluster's own.
    private func members(
        _ imported: ImportFile.ImportedGroup, of group: Group, isOwn: Bool
    ) -> (listed: Set<HPCUserID>, names: Set<String>, strangers: [String]) {
        var (listed, names, strangers): (Set<HPCUserID>, Set<String>, [String]) = ([], [], [])
        func key(_ name: String) -> NameKey { NameKey(group.cluster, name) }
        func add(_ user: Member) {
            // Nearly all users of a cluster have its own group, which need not list them.
            if !isOwn || user.gidNumber != group.gidNumber { listed.insert(user.id) }
        }
        for name in imported.members {
            if let user = users[key(name)] {
                add(user)
            } else if Group.isMemberName(name), !deleted.contains(key(name)), names.count < Group.maximumMemberNames {
                names.insert(name)
            } else {
                strangers.append(name)
            }
        }
        for name in imported.memberEntries {
            if let user = users[key(name)] { add(user) } else { strangers.append(name) }
        }
        return (listed, names, strangers)
    }

    /// A remark about members that are not users; nil if there are none.
    private static func remark(on names: [String], of group: Group, _ outcome: String) -> String? {
        names.isEmpty
            ? nil : "group \(group.name): no user \(shown(names)) in cluster \(group.cluster), \(outcome)"
    }

    /// The first three names, for display.
    private static func shown(_ names: [String]) -> String {
        names.prefix(3).map { $0.sanitizedForDisplay() }.joined(separator: ", ")
            + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }
}
