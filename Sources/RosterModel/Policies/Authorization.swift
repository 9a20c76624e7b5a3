/// Decides what a principal may see and do, for every server. Rules that apply to every caller are in the command
/// plans.
///
/// It works on values only: the caller passes the account's rows, from the newest snapshot.
package struct Authorization: Sendable, Equatable {
    package let principal: Principal
    package let scope: Scope

    /// Combines a principal with its scope.
    /// - Parameter scope: the scope of `principal`, from one of the functions below.
    package init(principal: Principal, scope: Scope) {
        self.principal = principal
        self.scope = scope
    }

    // MARK: Scopes

    /// The scope of a key of `principal`.
    ///
    /// A locked or expired row gives its account no rights, because its user cannot log in.
    /// - Parameters:
    /// - rows: the rows of the account that `principal` names; ignored for other principals.
    /// - now: the time at which rows must be active.
    /// - Throws: `notAuthenticated` for an account without an active row, with the same message as for an unknown key.
    package static func scope(
        of principal: Principal, rows: some Sequence<AccountRow>, at now: Timestamp
    ) throws(RosterError) -> Scope {
        switch principal {
        case .operator, .reader(nil): return .all
        case .reader(.some(let cluster)): return .clusters([cluster: .all])
        case .account(let account):
            var visibilities: [ClusterID: Scope.Visibility] = [:]
            for row in rows where row.isActive(at: now) {
                switch row.role {
                case .boss: return .all
                case .admin: visibilities[row.cluster] = .all
                case .member:
                    if visibilities[row.cluster] == nil { visibilities[row.cluster] = .rows(of: account) }
                }
            }
            guard !visibilities.isEmpty else { throw notAuthenticated }
            return .clusters(visibilities)
        }
    }

    /// The scope of a user after a password bind: its own cluster only, whatever its role.
    package static func scope(ofPasswordBindOf user: User) -> Scope {
        .clusters([user.cluster: user.role == .member ? .rows(of: user.account) : .all])
    }

    /// The error for an unknown key, a revoked key, a key without active rows and a wrong signature: they must look the
    /// same.
    package static let notAuthenticated = RosterError(
        .notAuthenticated, .credentials, "the key is unknown or the signature does not match")

    // MARK: Acts

    /// Requires a principal that may write.
    /// - Throws: `permissionDenied` for a reader key.
    package func requireWriter() throws(RosterError) {
        if case .reader = principal { throw denied(.accessKey, "a reader key changes nothing") }
    }

    /// - Parameter cluster: one that the scope shows.
    /// - Throws: `permissionDenied` if the principal sees only its own rows of the cluster, and for a reader key.
    package func requireAdministration(of cluster: ClusterID) throws(RosterError) {
        try requireWriter()
        guard scope.visibility(in: cluster) == .all else {
            throw denied(.accessKey, "only the cluster's admin may do this")
        }
    }

    /// Requires an operator or a boss.
    /// - Throws: `permissionDenied` for all others.
    package func requireGlobalAdmin() throws(RosterError) {
        try requireGlobalAdmin(.accessKey, "only an operator or a boss may do this")
    }

    private func requireGlobalAdmin(_ subject: RosterError.Subject, _ fault: String) throws(RosterError) {
        guard !isReader, scope == .all else { throw denied(subject, fault) }
    }

    /// Only an operator or a boss may choose a number outside the cluster's range: it could be that of a system account
    /// or group on a node, whose rights the user would get there.
    /// - Throws: `permissionDenied`.
    package func requireNumber(_ number: UInt32?, kind: IDAllocation.Kind, in cluster: Cluster) throws(RosterError) {
        guard let number, !cluster.uidRange.contains(number), scope != .all else { return }
        throw denied(
            .parameter("\(kind)_number"),
            "\(number) is outside the cluster's range \(cluster.uidRange.lowerBound) to "
                + "\(cluster.uidRange.upperBound), which only an operator or a boss may give")
    }

    /// Only an operator or a boss may set a mount other than the cluster's: home provisioning creates directories below
    /// it as root.
    /// - Parameter present: the user's current mount, which it may keep.
    /// - Throws: `permissionDenied`.
    package func requireMount(_ mount: String, insteadOf present: String, in cluster: Cluster) throws(RosterError) {
        // Byte by byte, as the file system compares.
        let isKnown = [present, cluster.nasMountPoint].contains { $0.utf8.elementsEqual(mount.utf8) }
        guard !isKnown, scope != .all else { return }
        throw denied(
            .parameter("nas_mount_point"),
            "only an operator or a boss may give another mount than the cluster's, \(cluster.nasMountPoint)")
    }

    /// Only an operator may give a home a mode with set-id or sticky bits, or one that the group or everybody may write:
    /// home provisioning makes the directory as root.
    /// - Parameter present: the user's current mode, which it may keep.
    /// - Throws: `permissionDenied`.
    package func requireMode(_ mode: FileMode?, insteadOf present: FileMode?) throws(RosterError) {
        guard let mode, mode != present, mode.bits & ~0o755 != 0 else { return }
        if case .operator = principal { return }
        throw denied(
            .parameter("mod"),
            "\(mode) lets others write to the home or has special bits, which only an operator may give")
    }

    /// An admin may change members and its own row. Only an operator or a boss may change another admin or a boss.
    /// - Parameter isOwn: whether the row belongs to the principal.
    /// - Throws: `permissionDenied`.
    package func requireChange(of user: User, isOwn: Bool) throws(RosterError) {
        try requireAdministration(of: user.cluster)
        guard user.role == .member || isOwn || scope == .all else {
            throw denied(.user, "\(user.username) is \(user.role.rawValue), which only a boss may change")
        }
    }

    /// Like `requireChange`, but a member may also change the self-service fields of its own row: password, SSH keys
    /// and such.
    /// - Throws: `permissionDenied`.
    package func requireModification(of user: User, isOwn: Bool, isSelfService: Bool) throws(RosterError) {
        guard isOwn, isSelfService, scope.visibility(in: user.cluster) != .all else {
            return try requireChange(of: user, isOwn: isOwn)
        }
        try requireWriter()
    }

    /// Only an operator or a boss may change a role.
    /// - Throws: `permissionDenied`.
    package func requireRoleChange() throws(RosterError) {
        try requireGlobalAdmin(.parameter("role"), "only an operator or a boss may change it")
    }

    /// Only an operator or a boss may change a group that may also exist on a node's system: an import may have brought
    /// it, and its members have that group's rights on the node. The cluster's own group is exempt, since all users are
    /// in it.
    /// - Throws: `permissionDenied`.
    package func requireChange(of group: Group, in cluster: Cluster) throws(RosterError) {
        try requireAdministration(of: cluster.id)
        guard scope != .all, !group.isPrimary else { return }
        guard !NameRule.isReserved(group: group.name) else {
            throw denied(.group, "\(group.name) is a system group, which only an operator or a boss may change")
        }
        guard cluster.uidRange.contains(group.gidNumber) else {
            throw denied(
                .group,
                "the gid \(group.gidNumber) of \(group.name) is outside the cluster's range "
                    + "\(cluster.uidRange.lowerBound) to \(cluster.uidRange.upperBound), which only an operator or a boss "
                    + "may change")
        }
    }

    /// Map entries say what users may do on nodes, so a principal that sees only its own rows sees none of them.
    /// - Parameter cluster: one that the scope shows.
    /// - Throws: `permissionDenied` if the principal sees only its own rows of the cluster.
    package func requireMaps(of cluster: ClusterID) throws(RosterError) {
        guard scope.showsMaps(of: cluster) else {
            throw denied(.accessKey, "only a key that sees all of the cluster may see its map entries")
        }
    }

    /// Only an operator or a boss may change map entries: a sudo rule makes a user root on nodes, and an automount map
    /// mounts file systems there.
    /// - Parameter cluster: one that the scope shows.
    /// - Throws: `permissionDenied`.
    package func requireMapChange(of cluster: ClusterID) throws(RosterError) {
        try requireAdministration(of: cluster)
        try requireGlobalAdmin(.parameter("place"), "only an operator or a boss may change map entries")
    }

    /// Requires a principal that may ask why a user cannot log in.
    /// - Throws: `permissionDenied` for a reader key: on a thousand nodes it would be a means to guess passwords.
    package func requireLoginCheck() throws(RosterError) {
        if isReader { throw denied(.accessKey, "a reader key checks no logins") }
    }

    /// Requires a principal that may read the operation log.
    /// - Throws: `permissionDenied` for a reader key: it belongs to a node, not to a person.
    package func requireOperationLog() throws(RosterError) {
        if isReader { throw denied(.accessKey, "a reader key does not see the operation log") }
    }

    /// - Parameter cluster: one that the scope shows.
    /// - Throws: `permissionDenied` if the principal sees only its own rows of the cluster.
    package func requireLedger(of cluster: ClusterID) throws(RosterError) {
        guard scope.visibility(in: cluster) == .all else {
            throw denied(.accessKey, "only a key that sees all of the cluster may ask this")
        }
    }

    private var isReader: Bool {
        if case .reader = principal { true } else { false }
    }

    private func denied(_ subject: RosterError.Subject, _ fault: String) -> RosterError {
        RosterError(.permissionDenied, subject, fault)
    }
}

/// The fields of an account's row that rights depend on.
package struct AccountRow: Sendable, Equatable {
    package let id: HPCUserID
    package let cluster: ClusterID
    package let role: Role
    private let state: User.State
    private let expires: Timestamp?

    /// Creates a row; `expires` is nil if the user never expires.
    package init(id: HPCUserID, cluster: ClusterID, role: Role, state: User.State, expires: Timestamp?) {
        self.id = id
        self.cluster = cluster
        self.role = role
        self.state = state
        self.expires = expires
    }

    /// Whether the row is neither locked nor expired at `now`.
    package func isActive(at now: Timestamp) -> Bool { state.isActive(at: now, expires: expires) }
}
