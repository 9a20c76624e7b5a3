import RosterModel
import RosterSnapshot
import RosterStore

/// A command that was authorized and validated at one snapshot: the change, and what is left to do before it.
struct UserCommandPlan {
    private enum Effect {
        case add(User, range: ClosedRange<UInt32>?)
        case replace(User)
        case remove(HPCUserID)
    }

    private let effect: Effect
    /// A password of the user that has to be verified first, and the hash that the user has.
    private(set) var passwordToProve: (text: String?, present: PasswordHash?)?
    /// A new password that has to be hashed.
    private(set) var passwordToHash: String?
    /// One line for the operation log.
    let summary: String

    /// The user that the command adds; its uid is 0 where the store will give it.
    var addedUser: User? {
        if case .add(let user, _) = effect { user } else { nil }
    }

    /// What the plan stood on, apart from the actor's rights. That a name or number is free is not part of it: the store's own
    /// rules decide that, and many users may be added at once.
    private(set) var preconditions: Preconditions

    init(
        _ command: UserCommand, in snapshot: Snapshot, cluster id: ClusterID, zone: Zone, by actor: CommandActor
    ) throws(RosterError) {
        let (cluster, visibility) = try snapshot.cluster(id, in: zone, scope: actor.scope)
        preconditions = Preconditions(at: snapshot.revision)
        preconditions.clusters = [id]
        let authorization = actor.authorization
        try authorization.requireWriter()
        if case .add(let username, let password, let mode, let uidNumber) = command {
            try authorization.requireAdministration(of: id)
            try authorization.requireNumber(uidNumber, kind: .uid, in: cluster)
            let name = try cluster.nameRule.check(username)
            try cluster.passwordRule.check(password)
            guard snapshot.user(named: username, in: id) == nil else {
                throw StoreError.nameTaken(name, in: id).clientError
            }
            effect = try Self.addition(name, mode: mode, uidNumber: uidNumber, to: cluster, in: snapshot)
            passwordToHash = password
            summary = "directory: added; home: skipped, this server makes none"
            return
        }
        let user = try Self.user(command.username, in: snapshot, cluster: id, visibility: visibility)
        preconditions.users = [user.id]
        let isOwn = actor.owns(user)
        switch command {
        case .add: throw RosterError(.internalError, "an addition was planned twice")
        case .setPassword(_, let password, let present):
            if visibility == .all {
                try authorization.requireChange(of: user, isOwn: isOwn)
            } else if !actor.hasProved(user) {
                passwordToProve = (present, user.password)
            }
            // Where secrets themselves are sent, a present password is a condition, whoever asks (RFC 3062 section 2). A
            // signed request of an administrator passes it over.
            if let present, actor.request == nil { passwordToProve = (present, user.password) }
            try cluster.passwordRule.check(password)
            passwordToHash = password
            effect = .replace(user)
            summary = "password set"
        case .setState(_, let state):
            try authorization.requireChange(of: user, isOwn: isOwn)
            var changed = user
            changed.state = state
            effect = .replace(changed)
            summary = state == .locked ? "locked" : "unlocked"
        case .setExpiry(_, let expires):
            try authorization.requireChange(of: user, isOwn: isOwn)
            var changed = user
            changed.expires = expires
            effect = .replace(changed)
            summary = expires.map { "expires \($0)" } ?? "expires never"
        case .delete:
            try authorization.requireChange(of: user, isOwn: isOwn)
            guard user.role != .admin else {
                throw RosterError(.permissionDenied, .user, "\(user.username) is the cluster's admin and stays")
            }
            guard snapshot.userCount(of: id) > 1 else {
                throw RosterError(.permissionDenied, .user, "\(user.username) is the cluster's only user and stays")
            }
            preconditions.inhabitedClusters = [id]
            effect = .remove(user.id)
            summary = "directory: removed; home: kept"
        }
    }

    private static func user(
        _ name: String, in snapshot: Snapshot, cluster: ClusterID, visibility: Scope.Visibility
    ) throws(RosterError) -> User {
        let user = snapshot.user(named: name, in: cluster)
        // Another's row is as unknown to a member as one that is not there.
        if case .rows(let account) = visibility, user?.account != account { throw noSuchUser(name, cluster) }
        guard let user else { throw noSuchUser(name, cluster) }
        return user
    }

    private static func noSuchUser(_ name: String, _ cluster: ClusterID) -> RosterError {
        RosterError(.noSuchUser, .user, "no user \(name.sanitizedForDisplay()) in cluster \(cluster)")
    }

    private static func addition(
        _ name: Username, mode: FileMode?, uidNumber: UInt32?, to cluster: Cluster, in snapshot: Snapshot
    ) throws(RosterError) -> Effect {
        guard let group = snapshot.groups(of: cluster.id).first(where: \.isPrimary) else {
            throw RosterError(.permissionDenied, .cluster, "\(cluster.id) has no group of its own yet")
        }
        let none = Timestamp(seconds: 0)
        let user = User(
            id: .make(), cluster: cluster.id, account: .make(), username: name, uidNumber: uidNumber ?? 0,
            gidNumber: group.gidNumber, role: .member, mode: mode, nasMountPoint: cluster.nasMountPoint,
            homeDirectory: cluster.home(of: name, mount: cluster.nasMountPoint), loginShell: cluster.loginShell,
            createTime: none, updateTime: none)
        return .add(user, range: uidNumber == nil ? cluster.uidRange : nil)
    }

    /// What has to be committed.
    /// - Parameter hash: of `passwordToHash`.
    func change(hash: PasswordHash?, now: Timestamp) -> Change {
        var change = Change(time: now)
        switch effect {
        case .add(var user, let range):
            user.createTime = now
            user.updateTime = now
            user.password = hash
            user.passwordTime = now
            change.newIDs = [user.id]
            if let range { change.unnumberedUsers = [.init(user: user, range: range)] } else { change.users = [user] }
        case .replace(var user):
            user.updateTime = now
            if let hash {
                user.password = hash
                user.passwordTime = now
            }
            change.users = [user]
        case .remove(let id):
            change.removedUsers = [id]
        }
        return change
    }
}
