package import RosterModel
package import RosterSnapshot

/// That somebody has shown the password of a user.
package struct PasswordAuthentication: Sendable, Equatable {
    package let user: HPCUserID
    package let cluster: ClusterID
    package let name: Username
    /// Of the password that was shown: the proof is good for as long as it is the user's.
    package let hash: PasswordHash
    /// When that password was set.
    private let passwordTime: Timestamp?

    /// Nil for a user without a password.
    package init?(of user: User) {
        guard let hash = user.password else { return nil }
        self.user = user.id
        cluster = user.cluster
        name = user.username
        self.hash = hash
        passwordTime = user.passwordTime
    }

    /// The proof after the user has changed its password itself: the new hash takes the place of the old one.
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

    /// The user, where the proof still holds.
    /// - Throws: `notAuthenticated` where the user is gone, locked or expired, or has another password by now.
    package func user(in snapshot: Snapshot, now: Timestamp) throws(RosterError) -> User {
        guard let row = snapshot.user(user, in: cluster), row.isActive(at: now), isShown(row) else {
            throw RosterError(.notAuthenticated, "the password that was shown lets nobody in any more")
        }
        return row
    }

    /// Whether the password of `row` is the one that was shown: its hash is, or is made anew of it (`strengthenHash`).
    private func isShown(_ row: User) -> Bool {
        guard let present = row.password, present != hash else { return row.password != nil }
        return hash.weakScheme != nil && present.weakScheme == nil && row.passwordTime == passwordTime
    }
}
