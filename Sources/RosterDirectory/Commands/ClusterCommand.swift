package import RosterModel
import RosterSnapshot
package import RosterStore

/// A command that creates a cluster, or changes the settings that users get who are added from then on. A nil setting takes
/// its default, or stays.
@dynamicMemberLookup
package struct ClusterCommand: Sendable {
    package var id: ClusterID
    package var settings = ClusterSettings()
    /// The cluster's own group; only when it is made.
    package var groupName: String?
    /// POSIX gid of that group; only when it is made.
    package var gidNumber: UInt32?

    package init(id: ClusterID) {
        self.id = id
    }

    package subscript<Value>(dynamicMember setting: WritableKeyPath<ClusterSettings, Value>) -> Value {
        get { settings[keyPath: setting] }
        set { settings[keyPath: setting] = newValue }
    }

    /// The change that makes the cluster in `zone`.
    /// - Throws: `invalidParameter` for a setting that is malformed.
    package func creation(in zone: Zone, now: Timestamp) throws(RosterError) -> Change {
        var cluster = Cluster(id: id, zone: zone, nasMountPoint: "/home", createTime: now)
        // Without a share of its own the homes lie where passwd(5) has them.
        if settings.nasMountPoint == nil, settings.homeTemplate == nil {
            cluster.homeTemplate = "{nas_mount_point}/{username}"
        }
        try settings.apply(to: &cluster)
        let group = try Username(groupName ?? id.text)
        var change = Change(time: now)
        change.clusters = [cluster]
        var own = Group(
            cluster: id, name: group.text, gidNumber: gidNumber ?? cluster.uidRange.lowerBound, isPrimary: true)
        (own.createTime, own.updateTime) = (now, now)
        change.groups = [own]
        return change
    }

    /// Checks each setting by itself: what needs no look at the directory.
    /// - Throws: `invalidParameter` for one that is malformed.
    package func check() throws(RosterError) {
        try settings.check()
        if let groupName { _ = try Username(groupName) }
    }
}

/// Executes commands about clusters, for every server.
package struct ClusterCommandHandler: Sendable {
    private let runner: CommandExecutor

    package init(directory: Directory) {
        runner = CommandExecutor(directory: directory)
    }

    /// Makes a cluster.
    /// - Throws: `invalidParameter`, `permissionDenied` to all but an operator and a boss, `alreadyExists`, `busy`,
    ///   `readOnly`, `internalError`.
    package func create(_ command: ClusterCommand, zone: Zone, by actor: CommandActor) async throws(RosterError)
        -> JobID
    {
        let description = CommandExecutor.AuditInfo(
            action: "CreateCluster", cluster: command.id, resource: command.id.text)
        return try await runner.run(description, by: actor) { snapshot, actor throws(RosterError) in
            try actor.authorization.requireGlobalAdmin()
            guard snapshot.cluster(command.id) == nil else {
                throw RosterError(.alreadyExists, .cluster, "\(command.id) is there already")
            }
            var preconditions = Preconditions(at: snapshot.revision)
            preconditions.missingClusters = [command.id]
            return .init(
                change: try command.creation(in: zone, now: runner.directory.now), preconditions: preconditions,
                summary: "made")
        }
    }

    /// Changes a cluster; users that are there keep what they have.
    /// - Throws: as `create`, and `notFound`.
    package func modify(_ command: ClusterCommand, zone: Zone, by actor: CommandActor) async throws(RosterError)
        -> JobID
    {
        let description = CommandExecutor.AuditInfo(
            action: "ModifyCluster", cluster: command.id, resource: command.id.text)
        return try await runner.run(description, by: actor) { snapshot, actor throws(RosterError) in
            var (cluster, _) = try snapshot.cluster(command.id, in: zone, scope: actor.scope)
            try actor.authorization.requireGlobalAdmin()
            guard command.groupName == nil, command.gidNumber == nil else {
                throw .invalid("group_name", "a cluster's own group is given when it is made")
            }
            try command.settings.apply(to: &cluster)
            var change = Change(time: runner.directory.now)
            change.clusters = [cluster]
            var preconditions = Preconditions(at: snapshot.revision)
            preconditions.clusters = [command.id]
            return .init(change: change, preconditions: preconditions, summary: "changed")
        }
    }
}
