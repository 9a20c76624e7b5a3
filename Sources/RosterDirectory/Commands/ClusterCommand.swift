package import RosterModel
import RosterSnapshot
package import RosterStore

/// A command that creates a cluster, or changes the settings that users get who are added from then on. A nil setting takes
/// its default, or stays.
package struct ClusterCommand: Sendable {
    package var id: ClusterID
    package var name: String?
    package var nasMountPoint: String?
    package var homeTemplate: String?
    package var loginShell: String?
    package var firstUID: UInt32?
    package var lastUID: UInt32?
    package var nameRule: NameRule?
    package var passwordRule: PasswordRule?
    package var description: String?
    /// The cluster's own group; only when it is made.
    package var groupName: String?
    /// POSIX gid of that group; only when it is made.
    package var gidNumber: UInt32?

    package init(id: ClusterID) {
        self.id = id
    }

    /// The change that makes the cluster in `zone`.
    /// - Throws: `invalidParameter` for a setting that is malformed.
    package func creation(in zone: Zone, now: Timestamp) throws(RosterError) -> Change {
        var cluster = Cluster(id: id, zone: zone, nasMountPoint: "/home", createTime: now)
        // Without a share of its own the homes lie where passwd(5) has them.
        if nasMountPoint == nil, homeTemplate == nil { cluster.homeTemplate = "{nas_mount_point}/{username}" }
        try apply(to: &cluster)
        let group = try Username(groupName ?? id.text)
        var change = Change(time: now)
        change.clusters = [cluster]
        change.groups = [
            Group(
                cluster: id, name: group.text, gidNumber: gidNumber ?? cluster.uidRange.lowerBound, isPrimary: true)
        ]
        return change
    }

    /// Checks each setting by itself: what needs no look at the directory.
    /// - Throws: `invalidParameter` for one that is malformed.
    package func check() throws(RosterError) {
        var cluster = Cluster(id: id, zone: Zone(stored: "-"), nasMountPoint: "/", createTime: Timestamp(seconds: 0))
        var command = self
        // The bounds are compared with each other once the cluster's own are known.
        if firstUID == nil || lastUID == nil { (command.firstUID, command.lastUID) = (nil, nil) }
        try command.apply(to: &cluster)
        if let groupName { _ = try Username(groupName) }
    }

    /// Replaces settings of `cluster`.
    /// - Throws: `invalidParameter` for a setting that is malformed.
    package func apply(to cluster: inout Cluster) throws(RosterError) {
        if let name { cluster.name = try Self.plain(name, "cluster_name") }
        if let nasMountPoint { cluster.nasMountPoint = try Self.path(nasMountPoint, "nas_mount_point") }
        if let homeTemplate {
            guard homeTemplate.contains("{username}"),
                homeTemplate.hasPrefix("/") || homeTemplate.hasPrefix("{nas_mount_point}/")
            else {
                throw .invalid(
                    "home_template", "must be an absolute path, or start with {nas_mount_point}/, and hold {username}")
            }
            cluster.homeTemplate = try Self.plain(homeTemplate, "home_template")
        }
        if let loginShell { cluster.loginShell = try Self.path(loginShell, "login_shell") }
        let (first, last) = (firstUID ?? cluster.uidRange.lowerBound, lastUID ?? cluster.uidRange.upperBound)
        guard first <= last else { throw .invalid("uid_first", "\(first) is above uid_last, \(last)") }
        cluster.uidRange = first...last
        if let nameRule { cluster.nameRule = nameRule }
        if let passwordRule { cluster.passwordRule = passwordRule }
        if let description { cluster.description = try Self.plain(description, "description") }
    }

    private static func path(_ text: String, _ name: String) throws(RosterError) -> String {
        guard text.hasPrefix("/") else { throw .invalid(name, "is not an absolute path") }
        return try plain(text, name)
    }

    /// - Throws: `invalidParameter` where `text` is longer than 1024 bytes, or holds a control character or `:`, which
    ///   passwd(5)'s lines cannot bear.
    private static func plain(_ text: String, _ name: String) throws(RosterError) -> String {
        guard text.utf8.count <= 1024 else { throw .invalid(name, "is longer than 1024 bytes") }
        guard !text.hasControlCharacter, !text.utf8.contains(UInt8(ascii: ":")) else {
            throw .invalid(name, "holds a control character or a colon")
        }
        return text
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
            try command.apply(to: &cluster)
            var change = Change(time: runner.directory.now)
            change.clusters = [cluster]
            var preconditions = Preconditions(at: snapshot.revision)
            preconditions.clusters = [command.id]
            return .init(change: change, preconditions: preconditions, summary: "changed")
        }
    }
}
