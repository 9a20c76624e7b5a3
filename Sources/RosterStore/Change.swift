package import RosterModel

/// One write: the rows that it makes or replaces, those that it removes, and the events that it logs.
///
/// A store commits it whole, under one revision, or not at all.
package struct Change: Sendable {
    package var clusters: [Cluster] = []
    /// Groups to make or to replace (by `key`).
    package var groups: [Group] = []
    /// Groups to make whose gid was never given in their cluster, or is given by the store.
    package var addedGroups: [AddedGroup] = []
    /// Groups to remove; each leaves a tombstone.
    package var removedGroups: [Group.Key] = []
    /// Map entries to make or to replace (by `key`).
    package var mapEntries: [MapEntry] = []
    /// Map entries to remove; each leaves a tombstone.
    package var removedMapEntries: [MapEntry.Key] = []
    /// Users to make or to replace (by `id`).
    package var users: [User] = []
    /// Users to make whose uid the store gives.
    package var unnumberedUsers: [UnnumberedUser] = []
    /// Which of the users to make must be new: if one of these identifiers is taken, the commit is `outdated`, and the
    /// command is planned again with another one.
    package var newIDs: Set<HPCUserID> = []
    /// Users to remove; each leaves a tombstone.
    package var removedUsers: [HPCUserID] = []
    /// Keys to make or to replace (by `id`).
    package var keys: [AccessKey] = []
    package var events: [OperationEvent] = []
    /// When it happens: what tombstones and the ledger record.
    package var time: Timestamp

    /// The signed request that this answers, so that it is not answered twice.
    package var request: IdempotencyRecord?

    /// What must still hold; otherwise the commit is `outdated`. Nil demands nothing.
    package var preconditions: Preconditions?

    package init(time: Timestamp) {
        self.time = time
    }

    /// A user to make with the next uid of `range` that was never given in the cluster. What its `uidNumber` says is
    /// passed over.
    package struct UnnumberedUser: Sendable {
        package let user: User
        package let range: ClosedRange<UInt32>

        package init(user: User, range: ClosedRange<UInt32>) {
            self.user = user
            self.range = range
        }
    }
}

extension Change {
    /// A group to make with a gid of its own.
    package struct AddedGroup: Sendable {
        package let group: Group
        /// The store gives the next gid of it that was never given in the cluster, and what `gidNumber` says is passed over.
        /// Nil keeps `gidNumber`, which must never have been given.
        package let range: ClosedRange<UInt32>?

        package init(group: Group, range: ClosedRange<UInt32>?) {
            self.group = group
            self.range = range
        }
    }
}
