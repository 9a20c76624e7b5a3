import RosterModel
import RosterSnapshot
import RosterStore

/// A command that was authorized and validated at one snapshot: its change, and what remains to be done before the
/// commit.
struct UserCommandPlan {
    private enum Effect {
        case add(User, range: ClosedRange<UInt32>?)
        case replace(User)
        case remove(HPCUserID)
    }

    private let effect: Effect
    /// A password of the user to verify first, and the hash that the user has.
    private(set) var passwordToProve: (text: String?, present: PasswordHash?)?
    /// A new password to hash.
    private(set) var passwordToHash: String?
    /// The user's new name, if the command changes it.
    private(set) var newName: Username?
    /// Whether the password itself changes, not only its hash.
    private var setsPasswordTime = true
    /// One line for the operation log.
    let summary: String

    /// The SSH keys, as `SSHPublicKey.blob` has them, that the command gives the user and that it did not have.
    private(set) var newKeys: [[UInt8]] = []
    /// Whether the actor may see all users of the cluster.
    let seesAll: Bool

    /// The user that the command is about.
    var userID: HPCUserID {
        switch effect {
        case .add(let user, _), .replace(let user): user.id
        case .remove(let id): id
        }
    }

    /// The user as it is after the command, but for the number and the hash of an added one; nil if it is removed.
    var resultingUser: User? {
        switch effect {
        case .add(let user, _), .replace(let user): user
        case .remove: nil
        }
    }

    /// The user that the command adds; its uid is 0 if the store is to allocate one.
    var addedUser: User? {
        if case .add(let user, _) = effect { user } else { nil }
    }

    /// What the log names besides the user's name: its identifier, by which its jobs are found under every name that it
    /// had, and a new name.
    var resources: [String] { [userID.text] + (newName.map { [$0.text] } ?? []) }

    /// What the plan relies on, apart from the actor's rights. Free names and numbers are not included: the store's own
    /// rules check them, so that many users can be added at once.
    private(set) var preconditions: Preconditions

    init(
        _ command: UserCommand, in snapshot: Snapshot, cluster id: ClusterID, zone: Zone, by actor: CommandActor
    ) throws(RosterError) {
        let (cluster, visibility) = try snapshot.cluster(id, in: zone, scope: actor.scope)
        seesAll = visibility == .all
        preconditions = Preconditions(at: snapshot.revision)
        preconditions.clusters = [id]
        let authorization = actor.authorization
        try authorization.requireWriter()
        if case .add(let username, let password, let mode, let uidNumber, let fields) = command {
            try authorization.requireAdministration(of: id)
            try authorization.requireNumber(uidNumber, kind: .uid, in: cluster)
            try authorization.requireMode(mode, insteadOf: nil)
            let name = try cluster.nameRule.check(username)
            if let password { try cluster.passwordRule.check(password) }
            guard snapshot.user(named: username, in: id) == nil else {
                throw StoreError.nameTaken(name, in: id).clientError
            }
            let user = try Self.addition(
                name, mode: mode, uidNumber: uidNumber, fields: fields, to: cluster, in: snapshot)
            effect = .add(user, range: uidNumber == nil ? cluster.uidRange : nil)
            passwordToHash = password
            summary =
                "directory: added; home: skipped, this server makes none"
                + (password == nil ? "; no password: it cannot log in" : "")
            newKeys = user.attributes.sshKeyBlobs
            return
        }
        let user = try Self.user(command.username, in: snapshot, cluster: id, visibility: visibility)
        preconditions.users = [user.id]
        let isOwn = actor.owns(user)
        switch command {
        case .add: throw RosterError(.internalError, "an addition was planned twice")
        case .modify(_, let modification):
            try authorization.requireModification(of: user, isOwn: isOwn, isSelfService: modification.isSelfService)
            if visibility != .all, !actor.hasProved(user) {
                passwordToProve = (modification.presentPassword, user.password)
            }
            // A present password is verified, whoever the caller is, if the protocol sends secrets itself (RFC 3062
            // section 2). A signed request of an administrator skips the check.
            if let present = modification.presentPassword, actor.request == nil {
                passwordToProve = (present, user.password)
            }
            let changed = try Self.modified(
                user, by: modification, in: snapshot, of: cluster, authorization: authorization,
                preconditions: &preconditions)
            passwordToHash = modification.newPassword
            effect = .replace(changed)
            summary = modification.summary(from: user, to: changed)
            let known = user.attributes.sshKeyBlobs
            newKeys = changed.attributes.sshKeyBlobs.filter { !known.contains($0) }
            if changed.username != user.username { newName = changed.username }
        case .rehashPassword(_, let password, let replaced):
            // Another login or change was faster, which is not worth an entry in the operation log.
            guard actor.hasProved(user), user.password == replaced else {
                throw RosterError(.busy, .password, "has changed meanwhile")
            }
            passwordToHash = password
            setsPasswordTime = false
            effect = .replace(user)
            summary = "password hashed anew"
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

    /// The user after a modification that the rules of the cluster and the actor's rights permit.
    /// - Throws: `permissionDenied`, `passwordUnacceptable`, `nameMalformed`, `accountExists`, `invalidParameter`.
    private static func modified(
        _ user: User, by modification: UserModification, in snapshot: Snapshot, of cluster: Cluster,
        authorization: Authorization, preconditions: inout Preconditions
    ) throws(RosterError) -> User {
        try modification.check()
        if let password = modification.newPassword { try cluster.passwordRule.check(password) }
        if let role = modification.role, role != user.role { try authorization.requireRoleChange() }
        if let gid = modification.gidNumber, gid != user.gidNumber {
            guard let group = snapshot.group(gid: gid, in: cluster.id) else {
                throw .invalid("gid_number", "\(gid) is the gid of no group of the cluster")
            }
            // A user whose primary group this is has the rights of the group.
            try authorization.requireChange(of: group, in: cluster)
            preconditions.groups = [group.key]
        }
        var changed = user
        try modification.apply(to: &changed, of: cluster)
        try authorization.requireMode(changed.mode, insteadOf: user.mode)
        try authorization.requireMount(changed.nasMountPoint, insteadOf: user.nasMountPoint, in: cluster)
        // The store checks this too.
        if let holder = snapshot.user(named: changed.username.text, in: cluster.id), holder.id != user.id {
            throw StoreError.nameTaken(changed.username, in: cluster.id).clientError
        }
        return changed
    }

    private static func user(
        _ name: String, in snapshot: Snapshot, cluster: ClusterID, visibility: Scope.Visibility
    ) throws(RosterError) -> User {
        let user = snapshot.user(named: name, in: cluster)
        // To a member, another account's user looks like a user that does not exist.
        if case .rows(let account) = visibility, user?.account != account { throw noSuchUser(name, cluster) }
        guard let user else { throw noSuchUser(name, cluster) }
        return user
    }

    private static func noSuchUser(_ name: String, _ cluster: ClusterID) -> RosterError {
        RosterError(.noSuchUser, .user, "no user \(name.sanitizedForDisplay()) in cluster \(cluster)")
    }

    private static func addition(
        _ name: Username, mode: FileMode?, uidNumber: UInt32?, fields: UserModification, to cluster: Cluster,
        in snapshot: Snapshot
    ) throws(RosterError) -> User {
        try fields.check()
        guard let group = snapshot.groups(of: cluster.id).first(where: \.isPrimary) else {
            throw RosterError(.permissionDenied, .cluster, "\(cluster.id) has no group of its own yet")
        }
        let none = Timestamp(seconds: 0)
        var user = User(
            id: .make(), cluster: cluster.id, account: .make(), username: name, uidNumber: uidNumber ?? 0,
            gidNumber: group.gidNumber, role: .member, mode: mode, nasMountPoint: cluster.nasMountPoint,
            homeDirectory: cluster.home(of: name, mount: cluster.nasMountPoint), loginShell: cluster.loginShell,
            createTime: none, updateTime: none)
        try fields.apply(to: &user, of: cluster)
        return user
    }

    /// The change to commit.
    /// - Parameter hash: the hash of `passwordToHash`.
    func change(hash: PasswordHash?, now: Timestamp) -> Change {
        var change = Change(time: now)
        switch effect {
        case .add(var user, let range):
            user.createTime = now
            user.updateTime = now
            user.password = hash
            user.passwordTime = hash == nil ? nil : now
            change.newIDs = [user.id]
            if let range { change.unnumberedUsers = [.init(user: user, range: range)] } else { change.users = [user] }
        case .replace(var user):
            user.updateTime = now
            if let hash {
                user.password = hash
                if setsPasswordTime { user.passwordTime = now }
            }
            change.users = [user]
        case .remove(let id):
            change.removedUsers = [id]
        }
        return change
    }
}
