import RosterModel
import RosterStore

// What becomes of the groups of a file. A group is never a reason to refuse the users beside it: what cannot be taken is
// left out, and a remark says why.
extension ImportPlanner {
    /// Judges the groups of the file, after its users.
    /// - Parameter plan: with all users and new clusters; the groups are put into it.
    func planGroups(_ plan: inout ImportPlan, basis: ImportBasis) {
        guard !file.groups.isEmpty else { return }
        var judge = GroupJudge(plan, basis: basis, restores: options.restores, zone: options.zone)
        judge.findUsers(named: Set(file.groups.lazy.flatMap(\.members).map { Username.key(of: $0) }), plan, basis)
        for group in file.groups {
            do throws(Fault) {
                let (item, stranger) = try judge.judge(group, in: try cluster(named: group.cluster))
                plan.groupItems.append(item)
                if let stranger { plan.diagnostics.append(ImportDiagnostic(line: group.line, stranger)) }
            } catch {
                plan.diagnostics.append(
                    ImportDiagnostic(line: group.line, "group \(group.name.sanitizedForDisplay()): \(error.message)"))
            }
        }
        plan.diagnostics.sort { $0.line < $1.line }
    }

    /// The cluster that the file says, else the one that was asked for, else the only one that the file's users are of.
    func cluster(named text: String?) throws(Fault) -> ClusterID {
        guard let text else {
            if let cluster = options.cluster { return cluster }
            guard recordsByCluster.count == 1, let only = recordsByCluster.keys.first, let id = try? ClusterID(only)
            else { throw .refused("the file does not say of which cluster it is; it is left out") }
            return id
        }
        let cluster = try Fault.refusing { () throws(RosterError) in try ClusterID(text) }
        if let asked = options.cluster, asked != cluster {
            throw .refused("it is of cluster \(cluster), not of \(asked); it is left out")
        }
        return cluster
    }
}

/// Judges groups one after the other against what the directory holds, and against those before.
private struct GroupJudge {
    private struct Member {
        let id: HPCUserID
        let gidNumber: UInt32
    }

    private struct MemberKey: Hashable {
        let cluster: ClusterID
        let name: String
    }

    private struct NameKey: Hashable {
        let cluster: ClusterID
        let name: String

        init(_ group: Group) {
            cluster = group.cluster
            name = Username.key(of: group.name)
        }
    }

    private let restores: Bool
    /// The clusters that there are, or will be, in the zone of the import.
    private let clusters: Set<ClusterID>
    private var present: [Group.Key: Group] = [:]
    private var gidOfName: [NameKey: UInt32] = [:]
    private var removed: [Group.Key: Group] = [:]
    private var lines: [Group.Key: Int] = [:]
    private var users: [MemberKey: Member] = [:]

    init(_ plan: ImportPlan, basis: ImportBasis, restores: Bool, zone: Zone) {
        self.restores = restores
        clusters = Set((basis.clusters + plan.newClusters).lazy.filter { $0.zone == zone }.map(\.id))
        for group in basis.groups + plan.newGroups {
            present[group.key] = group
            gidOfName[NameKey(group)] = group.gidNumber
        }
        for group in basis.removedGroups { removed[group.key] = group }
    }

    /// Looks up those users that are members of any group, as they are after the import.
    mutating func findUsers(named names: Set<String>, _ plan: ImportPlan, _ basis: ImportBasis) {
        for user in basis.users where names.contains(user.username.key) { note(user) }
        for item in plan.items where item.verdict != .skipped && names.contains(item.user.username.key) {
            note(item.user)
        }
    }

    private mutating func note(_ user: User) {
        users[MemberKey(cluster: user.cluster, name: user.username.key)] =
            Member(id: user.id, gidNumber: user.gidNumber)
    }

    /// - Returns: what happens to the group, and what is to be said of members that are not there.
    /// - Throws: why it is left out.
    mutating func judge(
        _ imported: ImportFile.ImportedGroup, in cluster: ClusterID
    ) throws(ImportPlanner.Fault) -> (ImportPlan.GroupItem, stranger: String?) {
        guard clusters.contains(cluster) else { throw .refused("no cluster \(cluster) in this zone; it is left out") }
        let name = try ImportPlanner.Fault.refusing { () throws(RosterError) in try Username(imported.name) }
        let (members, strangers) = members(imported, in: cluster)
        var group = Group(cluster: cluster, name: name.text, gidNumber: imported.gidNumber, isPrimary: false)
        if let line = lines.updateValue(imported.line, forKey: group.key) {
            throw .conflicting("gid \(group.gidNumber) is also in line \(line); it is left out")
        }
        if let gid = gidOfName[NameKey(group)], gid != group.gidNumber {
            throw .conflicting(
                "its gid is \(gid) and \(group.gidNumber) in the file; a gid never changes, it is left out")
        }
        let verdict: ImportPlan.GroupItem.Verdict
        if let before = present[group.key] {
            guard NameKey(before) == NameKey(group) else {
                throw .conflicting("gid \(group.gidNumber) is that of group \(before.name); it is left out")
            }
            group = before
            group.members = Set(before.members).union(members).sorted()
            verdict = Set(before.members).count == group.members.count ? .unchanged : .changed
        } else {
            if let before = removed[group.key] {
                guard NameKey(before) == NameKey(group) else {
                    throw .conflicting(
                        "gid \(group.gidNumber) was that of group \(before.name) and is never given again; it is left out"
                    )
                }
                guard restores else {
                    throw .refused("it was deleted in Roster and stays deleted; --restore brings it back")
                }
            }
            group.members = members.sorted()
            verdict = removed[group.key] == nil ? .new : .restored
        }
        present[group.key] = group
        gidOfName[NameKey(group)] = group.gidNumber
        return (
            .init(line: imported.line, group: group, verdict: verdict),
            strangers.isEmpty ? nil : Self.remark(on: strangers, of: group)
        )
    }

    /// The members that are listed, and the names that are those of no user.
    private func members(
        _ imported: ImportFile.ImportedGroup, in cluster: ClusterID
    ) -> (listed: Set<HPCUserID>, strangers: [String]) {
        var listed: Set<HPCUserID> = []
        var strangers: [String] = []
        for name in imported.members {
            guard let user = users[MemberKey(cluster: cluster, name: Username.key(of: name))] else {
                strangers.append(name)
                continue
            }
            // Whose primary group it is, is in it without being listed.
            if user.gidNumber != imported.gidNumber { listed.insert(user.id) }
        }
        return (listed, strangers)
    }

    private static func remark(on strangers: [String], of group: Group) -> String {
        let shown = strangers.prefix(3).map { $0.sanitizedForDisplay() }.joined(separator: ", ")
        let rest = strangers.count > 3 ? " and \(strangers.count - 3) more" : ""
        return "group \(group.name): no user \(shown)\(rest) in cluster \(group.cluster), left out of it"
    }
}
