package import RosterModel

/// One write: the rows that it adds or replaces, those that it removes, and the events that it logs.
///
/// A store commits a change as a whole, under one revision, or not at all.
package struct Change: Sendable {
    package var clusters: [Cluster] = []
    /// Groups to add or replace (by `key`).
    package var groups: [Group] = []
    /// Groups to add whose gid was never allocated in their cluster, or is chosen by the store.
    package var addedGroups: [AddedGroup] = []
    /// Groups to remove; each leaves a tombstone.
    package var removedGroups: [Group.Key] = []
    /// Map entries to add or replace (by `key`).
    package var mapEntries: [MapEntry] = []
    /// Map entries to remove; each leaves a tombstone.
    package var removedMapEntries: [MapEntry.Key] = []
    /// Users to add or replace (by `id`).
    package var users: [User] = []
    /// Users to add whose uid the store chooses.
    package var unnumberedUsers: [UnnumberedUser] = []
    /// The users that must be new: if one of these identifiers is taken, the commit is `outdated`, and the command is
    /// planned again with another one.
    package var newIDs: Set<HPCUserID> = []
    /// Users to remove; each leaves a tombstone.
    package var removedUsers: [HPCUserID] = []
    /// Keys to add or replace (by `id`).
    package var keys: [AccessKey] = []
    /// Declarations of attributes to add or replace (by `key`).
    package var attributes: [AttributeDeclaration] = []
    package var events: [OperationEvent] = []
    /// The time of the change, which tombstones and the ledger record.
    package var time: Timestamp

    /// The signed request that the change answers, so that it is not run twice.
    package var request: IdempotencyRecord?

    /// What must still hold; otherwise the commit is `outdated`. Nil means no preconditions.
    package var preconditions: Preconditions?

    /// Creates an empty change.
    package init(time: Timestamp) {
        self.time = time
    }

    /// A user to add with a uid of `range` that was never allocated in the cluster. Its `uidNumber` is ignored.
    package struct UnnumberedUser: Sendable {
        package let user: User
        package let range: ClosedRange<UInt32>

        /// Creates a user without a uid.
        package init(user: User, range: ClosedRange<UInt32>) {
            self.user = user
            self.range = range
        }
    }
}

extension Change {
    /// A group to add with a gid that was never allocated.
    package struct AddedGroup: Sendable {
        package let group: Group
        /// The range from which the store chooses a gid; `gidNumber` is then ignored. If nil, the group keeps
        /// `gidNumber`, which must never have been allocated.
        package let range: ClosedRange<UInt32>?

        /// Creates a group to add.
        package init(group: Group, range: ClosedRange<UInt32>?) {
            self.group = group
            self.range = range
        }
    }
}
