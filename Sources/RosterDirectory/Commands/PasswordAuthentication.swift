package import RosterModel
package import RosterSnapshot

/// Proof that a client knew the password of a user.
package struct PasswordAuthentication: Sendable, Equatable {
    package let user: HPCUserID
    package let cluster: ClusterID
    package let name: Username
    /// The hash of the password that the client sent. The proof holds while the user has this password.
    package let hash: PasswordHash
    /// When that password was set.
    private let passwordTime: Timestamp?

    /// Proof for `user`; nil if it has no password.
    package init?(of user: User) {
        guard let hash = user.password else { return nil }
        self.user = user.id
        cluster = user.cluster
        name = user.username
        self.hash = hash
        passwordTime = user.passwordTime
    }

    /// The proof after the user changed its own password: the new hash replaces the old one.
    package func with(_ hash: PasswordHash) -> PasswordAuthentication {
        PasswordAuthentication(user: user, cluster: cluster, name: name, hash: hash, passwordTime: passwordTime)
    }

    private init(
        user: HPCUserID, cluster: ClusterID, name: Username, hash: PasswordHash, passwordTime: Timestamp?
    ) {
        self.user = user
        self.cluster = cluster
        self.name = name
        self.hash = hash
        self.passwordTime = passwordTime
    }

    /// The user, if the proof still holds.
    /// - Throws: `notAuthenticated` if the user is gone, locked or expired, or its password has changed.
    package func user(in snapshot: Snapshot, now: Timestamp) throws(RosterError) -> User {
        guard let row = snapshot.user(user, in: cluster), row.isActive(at: now), isShown(row) else {
            throw RosterError(.notAuthenticated, "the password that was shown lets nobody in any more")
        }
        return row
    }

    /// Whether `row` still has the password that was proved: the same hash, or a stronger hash of it
    /// (`strengthenHash`).
    private func isShown(_ row: User) -> Bool {
        guard let present = row.password, present != hash else { return row.password != nil }
        return hash.weakScheme != nil && present.weakScheme == nil && row.passwordTime == passwordTime
    }
}
