/// What a store keeps of a deleted user beside its row, so that the user can be restored: the deletion takes both from
/// the row and from the groups.
package struct DeletionRecord: Sendable, Equatable {
    package let user: HPCUserID
    /// When the user was deleted.
    package let time: Timestamp
    /// The password that the user had; nil if it had none.
    package let password: PasswordHash?
    /// The gids of the groups that listed the user, in ascending order.
    package let groups: [UInt32]

    /// How long a record is kept after the deletion: 90 days, in seconds.
    package static let keptSeconds: Int64 = 90 * 86_400

    /// Creates a record.
    package init(user: HPCUserID, time: Timestamp, password: PasswordHash?, groups: [UInt32]) {
        self.user = user
        self.time = time
        self.password = password
        self.groups = groups
    }

    /// The earliest time of a deletion whose record is still kept at `now`.
    package static func earliestKept(at now: Timestamp) -> Timestamp { Timestamp(seconds: now.seconds - keptSeconds) }
}

/// A user that was deleted from its cluster.
package struct DeletedUser: Sendable, Equatable {
    /// The user as it was, without its password.
    package let user: User
    package let time: Timestamp
    /// What the deletion took; nil if it is no longer kept, or an earlier version deleted the user.
    package let record: DeletionRecord?
    /// The present or last names of the groups of `record`, by gid.
    package let groupNames: [UInt32: String]

    /// Creates a deleted user.
    package init(user: User, time: Timestamp, record: DeletionRecord?, groupNames: [UInt32: String]) {
        self.user = user
        self.time = time
        self.record = record
        self.groupNames = groupNames
    }
}
