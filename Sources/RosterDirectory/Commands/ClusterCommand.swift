package import RosterModel
import RosterSnapshot
package import RosterStore

/// A command that creates a cluster, or changes the settings that users added later get. A nil setting takes its
/// default on creation and stays unchanged on modification.
@dynamicMemberLookup
package struct ClusterCommand: Sendable {
    package var id: ClusterID
    package var settings = ClusterSettings()
    /// The name of the cluster's own group; only on creation.
    package var groupName: String?
    /// POSIX gid of that group; only on creation.
    package var gidNumber: UInt32?

    /// A command without settings.
    package init(id: ClusterID) {
        self.id = id
    }

    /// Reads and writes a member of `settings`.
    package subscript<Value>(dynamicMember setting: WritableKeyPath<ClusterSettings, Value>) -> Value {
        get { settings[keyPath: setting] }
        set { settings[keyPath: setting] = newValue }
    }

    /// The change that creates the cluster in `zone`.
    /// - Throws: `invalidParameter` for a setting that is malformed.
    package func creation(in zone: Zone, now: Timestamp) throws(RosterError) -> Change {
        var cluster = Cluster(id: id, zone: zone, nasMountPoint: "/home", createTime: now)
        // Without its own share, a cluster has its homes under /home, where passwd(5) puts them.
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

    /// Checks each setting on its own, without the directory.
    /// - Throws: `invalidParameter` for one that is malformed.
    package func check() throws(RosterError) {
        try settings.check()
        if let groupName { _ = try Username(groupName) }
    }
}

/// Executes commands about clusters, for every server.
package struct ClusterCommandHandler: Sendable {
    private let runner: CommandExecutor

    /// A handler that commits to `directory`.
    package init(directory: Directory) {
        runner = CommandExecutor(directory: directory)
    }

    /// Creates a cluster.
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

    /// Changes a cluster; existing users keep their settings.
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
