package import RosterModel
package import RosterSnapshot

/// That somebody has shown the password of a user.
package struct PasswordAuthentication: Sendable, Equatable {
    package let user: HPCUserID
    package let cluster: ClusterID
    package let name: Username
    /// Of the password that was shown: the proof is good for as long as it is the user's.
    package let hash: PasswordHash

    /// Nil for a user without a password.
    package init?(of user: User) {
        guard let hash = user.password else { return nil }
        self.user = user.id
        cluster = user.cluster
        name = user.username
        self.hash = hash
    }

    /// The proof after the user has changed its password itself: the new hash takes the place of the old one.
    package func with(_ hash: PasswordHash) -> PasswordAuthentication {
        PasswordAuthentication(user: user, cluster: cluster, name: name, hash: hash)
    }

    private init(user: HPCUserID, cluster: ClusterID, name: Username, hash: PasswordHash) {
        self.user = user
        self.cluster = cluster
        self.name = name
        self.hash = hash
    }

    /// The user, where the proof still holds.
    /// - Throws: `notAuthenticated` where the user is gone, locked or expired, or has another password by now.
    package func user(in snapshot: Snapshot, now: Timestamp) throws(RosterError) -> User {
        guard let row = snapshot.user(user, in: cluster), row.isActive(at: now), row.password == hash else {
            throw RosterError(.notAuthenticated, "the password that was shown lets nobody in any more")
        }
        return row
    }
}
