package import RosterModel

/// Who may see and do what.
package enum Rights {
    /// What `principal` may see in `snapshot` at `now`.
    ///
    /// A row that is locked or expired gives its account nothing, as it lets nobody log in.
    /// - Throws: `notAuthenticated` for an account that has no row left, with the message of an unknown key.
    package static func scope(
        of principal: Principal, in snapshot: Snapshot, at now: Timestamp
    ) throws(RosterError) -> Scope {
        switch principal {
        case .operator: return .all
        case .reader(nil): return .all
        case .reader(.some(let cluster)): return .clusters([cluster: .all])
        case .account(let account):
            var extents: [ClusterID: Scope.Visibility] = [:]
            for row in snapshot.rows(of: account) where row.isActive(at: now) {
                switch row.role {
                case .boss: return .all
                case .admin: extents[row.cluster] = .all
                case .member: if extents[row.cluster] == nil { extents[row.cluster] = .rows(of: account) }
                }
            }
            guard !extents.isEmpty else { throw notAuthenticated }
            return .clusters(extents)
        }
    }

    /// What a user may see who has proved its password: of its own cluster, whatever its role, and of no other.
    package static func scope(ofPasswordOf user: User) -> Scope {
        .clusters([user.cluster: user.role == .member ? .rows(of: user.account) : .all])
    }

    /// The one answer to an unknown key, a revoked one, one without rows, and a wrong signature.
    package static let notAuthenticated = RosterError(
        .notAuthenticated, "access_key_id or signature: the key is unknown or the signature does not match")
}
