package import RosterModel
import RosterSnapshot
import RosterStore

/// What a command changes about a group: its members, all by name, and its own name.
package struct GroupModification: Sendable, Equatable {
    /// Names to add and names to remove.
    package struct Names: Sendable, Equatable {
        package var added: [String]
        package var removed: [String]

        /// Names to add and to remove; none by default.
        package init(adding added: [String] = [], removing removed: [String] = []) {
            self.added = added
            self.removed = removed
        }

        package var isEmpty: Bool { added.isEmpty && removed.isEmpty }
    }

    package var users = Names()
    /// Groups of the same cluster.
    package var groups = Names()
    /// Names that belong to no user.
    package var names = Names()
    /// Nil keeps the name.
    package var newName: String?

    /// A modification of users, groups, names and the name of the group; nothing by default.
    package init(users: Names = Names(), groups: Names = Names(), names: Names = Names(), newName: String? = nil) {
        self.newName = newName
        self.users = users
        self.groups = groups
        self.names = names
    }

    package var isEmpty: Bool { !changesMembers && newName == nil }

    var changesMembers: Bool { !users.isEmpty || !groups.isEmpty || !names.isEmpty }
}

/// A command about a group of a cluster. Its syntax is checked, its rights and rules are not.
package enum GroupCommand: Sendable {
    /// - gidNumber: one that was never allocated in the cluster; nil takes the next free one.
    case create(name: String, gidNumber: UInt32?)
    case modify(name: String, GroupModification)
    case delete(name: String)

    /// The action's name in the operation log.
    package var action: String {
        switch self {
        case .create: "CreateGroup"
        case .modify: "ModifyGroup"
        case .delete: "DeleteGroup"
        }
    }

    package var name: String {
        switch self {
        case .create(let name, _), .modify(let name, _), .delete(let name): name
        }
    }
}

/// Executes commands about groups, for every server.
package struct GroupCommandHandler: Sendable {
    private let runner: CommandExecutor

    /// A handler that commits to `directory`.
    package init(directory: Directory) {
        runner = CommandExecutor(directory: directory)
    }

    /// Executes `command` in `cluster` and returns its job. The same signed request again gets the first response.
    /// - Throws: `notFound`, `permissionDenied`, `nameMalformed`, `noSuchUser`, `alreadyExists`, `busy`, `readOnly`,
    ///   `internalError`.
    package func execute(
        _ command: GroupCommand, cluster: ClusterID, zone: Zone, by actor: CommandActor
    ) async throws(RosterError) -> JobID {
        let description = CommandExecutor.AuditInfo(action: command.action, cluster: cluster, resource: command.name)
        return try await runner.run(description, by: actor) { snapshot, actor throws(RosterError) in
            let (cluster, _) = try snapshot.cluster(cluster, in: zone, scope: actor.scope)
            try actor.authorization.requireAdministration(of: cluster.id)
            var plan = GroupCommandPlan(
                cluster: cluster, snapshot: snapshot, authorization: actor.authorization, now: runner.directory.now)
            try plan.apply(command)
            return .init(
                change: plan.change, preconditions: plan.preconditions, summary: plan.summary,
                resources: plan.resources)
        }
    }
}

/// The change that a command about a group of one cluster makes at one snapshot.
private struct GroupCommandPlan {
    let cluster: Cluster
    let snapshot: Snapshot
    let authorization: Authorization
    var change: Change
    var preconditions: Preconditions
    var summary = ""
    /// The identifiers of users who joined or left, for the log.
    var resources: [String] = []

    /// The most users whom the log names for each command, of those who joined and of those who left.
    private static let namedCount = 50

    init(cluster: Cluster, snapshot: Snapshot, authorization: Authorization, now: Timestamp) {
        self.cluster = cluster
        self.snapshot = snapshot
        self.authorization = authorization
        change = Change(time: now)
        preconditions = Preconditions(at: snapshot.revision)
        preconditions.clusters = [cluster.id]
    }

    /// - Throws: `permissionDenied`, `nameMalformed`, `invalidParameter`, `notFound`, `noSuchUser`, `alreadyExists`.
    mutating func apply(_ command: GroupCommand) throws(RosterError) {
        switch command {
        case .create(let name, let gidNumber): try create(name, gidNumber)
        case .modify(let name, let modification): try modify(name, modification)
        case .delete(let name): try delete(name)
        }
    }

    private mutating func create(_ name: String, _ gidNumber: UInt32?) throws(RosterError) {
        try authorization.requireNumber(gidNumber, kind: .gid, in: cluster)
        try cluster.nameRule.check(group: name)
        // The store decides whether the name and number are free; this check only saves work.
        if snapshot.group(named: name, in: cluster.id) != nil {
            throw StoreError.groupTaken(name, in: cluster.id).clientError
        }
        var group = Group(cluster: cluster.id, name: name, gidNumber: gidNumber ?? 0, isPrimary: false)
        (group.createTime, group.updateTime) = (change.time, change.time)
        change.addedGroups = [.init(group: group, range: gidNumber == nil ? cluster.uidRange : nil)]
        summary = "made"
    }

    private mutating func modify(_ name: String, _ modification: GroupModification) throws(RosterError) {
        var group = try group(name)
        try authorization.requireChange(of: group, in: cluster)
        // A member of this group is also a member of the groups above it.
        for above in snapshot.groups(ofGroup: group.key) { try authorization.requireChange(of: above, in: cluster) }
        let before = Set(group.members)
        preconditions.groups = [group.key]
        try modifyUsers(of: &group, modification.users)
        try modifyGroups(of: &group, modification.groups)
        try modifyNames(of: &group, modification.names)
        if let newName = modification.newName { try rename(&group, to: newName) }
        group.updateTime = change.time
        change.groups = [group]
        if let newName = modification.newName {
            summary = "renamed from \(name.sanitizedForDisplay()) to \(newName)"
            guard modification.changesMembers else { return }
            summary += "; "
        }
        let after = Set(group.members)
        let (joined, left) = (after.subtracting(before), before.subtracting(after))
        var parts = [[told(joined, "joined"), told(left, "left")].joined(separator: ", ")]
        for (names, what) in [(modification.groups, "groups"), (modification.names, "names")] where !names.isEmpty {
            let (added, removed) = (told(names.added), told(names.removed))
            parts.append(
                "\(what): \(names.added.count) added\(added), \(names.removed.count) removed\(removed)")
        }
        summary += parts.joined(separator: "; ")
    }

    /// How many users did something, and who: as many as the log has room for.
    private mutating func told(_ users: Set<HPCUserID>, _ verb: String) -> String {
        let rows = users.compactMap { snapshot.user($0, in: cluster.id) }.sorted { $0.username.text < $1.username.text }
        resources += rows.prefix(Self.namedCount).map(\.id.text)
        return "\(users.count) \(verb)\(told(rows.map(\.username.text)))"
    }

    /// The names in brackets, as many as the log has room for; nothing without names.
    private func told(_ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        let shown = names.prefix(Self.namedCount).map { $0.sanitizedForDisplay(limit: 64) }.joined(separator: " ")
        return " (\(shown)\(names.count > Self.namedCount ? " …" : ""))"
    }

    private func rename(_ group: inout Group, to name: String) throws(RosterError) {
        guard name != group.name else {
            throw .invalid("new_group_name", "the group is called \(name.sanitizedForDisplay()) already")
        }
        try cluster.nameRule.check(group: name)
        // The store decides whether the name is free; this check only saves work. The case of letters may change.
        if let holder = snapshot.group(named: name, in: cluster.id), holder.key != group.key {
            throw StoreError.groupTaken(name, in: cluster.id).clientError
        }
        group.name = name
    }

    private mutating func modifyUsers(
        of group: inout Group, _ names: GroupModification.Names
    ) throws(RosterError) {
        let added = try names.added.map { name throws(RosterError) in try user(name) }
        let removed = try names.removed.map { name throws(RosterError) in try user(name) }
        let (joining, leaving) = (Set(added.map(\.id)), Set(removed.map(\.id)))
        if let user = added.first(where: { leaving.contains($0.id) }) {
            throw .invalid("remove_members", "\(user.username) is in add_members too")
        }
        let present = Set(group.members)
        if let user = removed.first(where: { $0.gidNumber == group.gidNumber && !present.contains($0.id) }) {
            throw RosterError(
                .permissionDenied, .group, "\(group.name) is the primary group of \(user.username), who stays in it"
            )
        }
        // A user whose primary group this is belongs to it without being listed.
        let listed = joining.subtracting(added.filter { $0.gidNumber == group.gidNumber }.map(\.id))
        group.members = present.union(listed).subtracting(leaving).sorted()
        preconditions.users = joining
    }

    private mutating func modifyGroups(
        of group: inout Group, _ names: GroupModification.Names
    ) throws(RosterError) {
        guard !names.isEmpty else { return }
        let added = try names.added.map { name throws(RosterError) in try self.group(name) }
        let removed = try names.removed.map { name throws(RosterError) in try self.group(name) }
        if let member = added.first(where: { added in removed.contains { $0.key == added.key } }) {
            throw .invalid("remove_member_groups", "\(member.name) is in add_member_groups too")
        }
        let above = Set(snapshot.groups(ofGroup: group.key).map(\.gidNumber))
        for member in added {
            guard !member.isPrimary else {
                throw .invalid("add_member_groups", "\(member.name) is the cluster's own group, which lists nobody")
            }
            guard member.gidNumber != group.gidNumber, !above.contains(member.gidNumber) else {
                throw .invalid("add_member_groups", "\(group.name) is in \(member.name): a group cannot be in itself")
            }
        }
        // Drop member groups that were deleted meanwhile.
        let present = group.memberGroups.filter { snapshot.group(gid: $0, in: cluster.id) != nil }
        let after = Set(present).union(added.map(\.gidNumber)).subtracting(removed.map(\.gidNumber))
        guard after.count <= Group.maximumMemberGroups else {
            throw .invalid("add_member_groups", "a group has \(Group.maximumMemberGroups) groups as members at most")
        }
        group.memberGroups = after.sorted()
        preconditions.groups.formUnion(added.map(\.key))
    }

    private func modifyNames(of group: inout Group, _ names: GroupModification.Names) throws(RosterError) {
        guard !names.isEmpty else { return }
        if let name = names.added.first(where: names.removed.contains) {
            throw .invalid("remove_member_names", "\(name.sanitizedForDisplay()) is in add_member_names too")
        }
        for name in names.added {
            guard Group.isMemberName(name) else {
                throw .invalid("add_member_names", "'\(name.sanitizedForDisplay(limit: 64))' is no name of an account")
            }
            guard snapshot.user(named: name, in: cluster.id) == nil else {
                throw .invalid("add_member_names", "\(name) is a user of the cluster; add_members adds it")
            }
        }
        let after = Set(group.memberNames).union(names.added).subtracting(names.removed)
        guard after.count <= Group.maximumMemberNames else {
            throw .invalid("add_member_names", "a group has \(Group.maximumMemberNames) names as members at most")
        }
        group.memberNames = after.sorted()
    }

    private mutating func delete(_ name: String) throws(RosterError) {
        let group = try group(name)
        try authorization.requireChange(of: group, in: cluster)
        guard !group.isPrimary else {
            throw RosterError(.permissionDenied, .group, "\(group.name) is the cluster's own group and stays")
        }
        guard !snapshot.hasUser(withGID: group.gidNumber, in: cluster.id) else {
            throw RosterError(.permissionDenied, .group, "\(group.name) is the primary group of users and stays")
        }
        change.removedGroups = [group.key]
        preconditions.groups = [group.key]
        summary = "removed"
    }

    private func group(_ name: String) throws(RosterError) -> Group {
        guard let group = snapshot.group(named: name, in: cluster.id) else {
            throw RosterError(.notFound, .group, "no group \(name.sanitizedForDisplay()) in cluster \(cluster.id)")
        }
        return group
    }

    private func user(_ name: String) throws(RosterError) -> User {
        guard let user = snapshot.user(named: name, in: cluster.id) else {
            throw RosterError(.noSuchUser, .user, "no user \(name.sanitizedForDisplay()) in cluster \(cluster.id)")
        }
        return user
    }
}
