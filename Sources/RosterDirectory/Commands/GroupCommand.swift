package import RosterModel
import RosterSnapshot
import RosterStore

/// A command about a group of a cluster. Its syntax is checked, its rights and rules are not.
package enum GroupCommand: Sendable {
    /// - gidNumber: one that was never given in the cluster; nil takes the next one.
    case create(name: String, gidNumber: UInt32?)
    /// - adding: the names of users who are members afterwards.
    /// - removing: the names of users who are none afterwards.
    case modify(name: String, adding: [String], removing: [String])
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
        case .create(let name, _), .modify(let name, _, _), .delete(let name): name
        }
    }
}

/// Executes commands about groups, for every server.
package struct GroupCommandHandler: Sendable {
    private let runner: CommandExecutor

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
                change: plan.change, preconditions: plan.preconditions, summary: plan.summary)
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
        case .modify(let name, let adding, let removing): try modify(name, adding: adding, removing: removing)
        case .delete(let name): try delete(name)
        }
    }

    private mutating func create(_ name: String, _ gidNumber: UInt32?) throws(RosterError) {
        try authorization.requireNumber(gidNumber, kind: .gid, in: cluster)
        try cluster.nameRule.check(group: name)
        // That name and number are free is decided by the store.
        if snapshot.group(named: name, in: cluster.id) != nil {
            throw StoreError.groupTaken(name, in: cluster.id).clientError
        }
        let group = Group(cluster: cluster.id, name: name, gidNumber: gidNumber ?? 0, isPrimary: false)
        change.addedGroups = [.init(group: group, range: gidNumber == nil ? cluster.uidRange : nil)]
        summary = "made"
    }

    private mutating func modify(_ name: String, adding: [String], removing: [String]) throws(RosterError) {
        var group = try group(name)
        try authorization.requireChange(of: group, in: cluster)
        let added = try adding.map { name throws(RosterError) in try user(name) }
        let removed = try removing.map { name throws(RosterError) in try user(name) }
        let (joining, leaving) = (Set(added.map(\.id)), Set(removed.map(\.id)))
        if let user = added.first(where: { leaving.contains($0.id) }) {
            throw .invalid("remove_members", "\(user.username) is in add_members too")
        }
        if let user = removed.first(where: { $0.gidNumber == group.gidNumber }) {
            throw RosterError(
                .permissionDenied, .group, "\(group.name) is the primary group of \(user.username), who stays in it"
            )
        }
        let before = Set(group.members)
        // Who has it as its primary group is in it without being listed.
        let listed = joining.subtracting(added.filter { $0.gidNumber == group.gidNumber }.map(\.id))
        let after = before.union(listed).subtracting(leaving)
        group.members = after.sorted()
        change.groups = [group]
        preconditions.groups = [group.key]
        preconditions.users = joining
        summary = "\(after.subtracting(before).count) joined, \(before.subtracting(after).count) left"
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
