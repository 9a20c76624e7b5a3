package import RosterModel

/// The rows that a batch of changes reads, under the store's write lock, and their new states.
///
/// Changes are applied in memory, and their results are written at the end: a store is usually read once and written
/// once per batch, regardless of the number of changes.
package struct WorkingSet {
    /// Answered requests, by digest.
    package var requests = RowOverlay<[UInt8], IdempotencyRecord>()
    /// Clusters.
    package var clusters = RowOverlay<ClusterID, ClusterState>()
    /// Users and their tombstones.
    package var users = RowOverlay<HPCUserID, UserState>()
    /// The user that currently has a name.
    package var names = RowOverlay<NameKey, HPCUserID>()
    /// The ledger.
    package var allocations = RowOverlay<AllocationKey, IDAllocation>()
    /// Groups and their tombstones.
    package var groups = RowOverlay<Group.Key, GroupState>()
    /// The group that currently has a name.
    package var groupNames = RowOverlay<NameKey, Group.Key>()
    /// The groups of users that are to be removed.
    package var memberships = RowOverlay<HPCUserID, Set<Group.Key>>()
    /// Map entries.
    package var mapEntries = RowOverlay<MapEntry.Key, MapEntryState>()
    /// Access keys.
    package var keys = RowOverlay<AccessKeyID, KeyState>()
    /// Declarations of attributes to write, by key.
    package var attributes = RowOverlay<String, AttributeDeclaration>()
    /// The largest allocated number of a range.
    package var largest = RowOverlay<NumberRange, UInt32>()
    /// Some users of each cluster that must keep one: more than are removed, or all.
    package var inhabitants: [ClusterID: [HPCUserID]] = [:]
    /// Changes of memberships, in the order in which they must be written.
    package internal(set) var members: [MembershipChange] = []
    var events: [OperationEvent] = []
    private var savepoint: (members: Int, events: Int) = (0, 0)

    /// Creates an empty working set.
    package init() {}

    /// The state of a cluster, as far as changes need it, and its row to write.
    package struct ClusterState {
        package internal(set) var revision: Revision
        /// The row to write; nil if there is none.
        package internal(set) var written: Cluster?

        /// The state of a cluster in the database.
        package init(revision: Revision) {
            self.init(revision: revision, written: nil)
        }

        init(revision: Revision, written: Cluster?) {
            self.revision = revision
            self.written = written
        }
    }

    /// The state of a user, as far as changes need it, and its row to write.
    package struct UserState {
        package internal(set) var cluster: ClusterID
        package internal(set) var uidNumber: UInt32
        package internal(set) var name: NameKey
        package internal(set) var revision: Revision
        package internal(set) var deletedTime: Timestamp?
        /// Its name in the database; nil if it has no row there, or a tombstone.
        var storedName: NameKey?
        /// The row to write; nil if only its removal is written.
        package internal(set) var written: User?

        /// The state of a user in the database.
        package init(cluster: ClusterID, uidNumber: UInt32, name: NameKey, revision: Revision, deletedTime: Timestamp?)
        {
            self.cluster = cluster
            self.uidNumber = uidNumber
            self.name = name
            self.revision = revision
            self.deletedTime = deletedTime
            storedName = deletedTime == nil ? name : nil
        }

        /// What a change that removes the user takes from it; nil if none does.
        package internal(set) var deletion: Deletion?
        /// Whether the user was removed and is written again: its `DeletionRecord` is to be deleted.
        package internal(set) var isRestored = false

        /// Whether its row in the database must release the name before other rows are written, because it is removed
        /// or renamed.
        package var releasesName: Bool { storedName != nil && (deletedTime != nil || storedName != name) }

        /// The record of the removal of a user whose row is written; nil for any other.
        package var deletionRecord: DeletionRecord? {
            guard let written, let deletedTime, let deletion else { return nil }
            return DeletionRecord(
                user: written.id, time: deletedTime, password: deletion.password, groups: deletion.groups)
        }

        /// The contents of a `DeletionRecord`.
        package struct Deletion {
            package let groups: [UInt32]
            /// The password that earlier changes of the batch gave; without a row to write, that of the database's row
            /// counts instead.
            package let password: PasswordHash?
        }
    }

    /// The state of a group, as far as changes need it, and its row to write.
    package struct GroupState {
        package internal(set) var name: NameKey
        package internal(set) var revision: Revision
        package internal(set) var deletedTime: Timestamp?
        /// Its name in the database; nil if it has no row there, or a tombstone.
        var storedName: NameKey?
        /// The row to write; nil if only its revision, its removal or the loss of a member is written.
        package internal(set) var written: Group?
        /// When it lost a member or was removed; nil if the row to write has the time.
        package internal(set) var updateTime: Timestamp?

        /// The state of a group in the database.
        package init(name: NameKey, revision: Revision, deletedTime: Timestamp?) {
            self.name = name
            self.revision = revision
            self.deletedTime = deletedTime
            storedName = deletedTime == nil ? name : nil
        }

        /// Whether its row in the database must release the name before other rows are written, because it is removed
        /// or renamed.
        package var releasesName: Bool { storedName != nil && (deletedTime != nil || storedName != name) }
    }

    /// The state of a map entry, as far as changes need it, and its row to write.
    package struct MapEntryState {
        package internal(set) var revision: Revision
        package internal(set) var deletedTime: Timestamp?
        /// The row to write; nil if only its removal is written.
        package internal(set) var written: MapEntry?

        /// The state of an entry in the database.
        package init(revision: Revision, deletedTime: Timestamp?) {
            self.init(revision: revision, deletedTime: deletedTime, written: nil)
        }

        init(revision: Revision, deletedTime: Timestamp?, written: MapEntry?) {
            self.revision = revision
            self.deletedTime = deletedTime
            self.written = written
        }
    }

    /// The state of an access key, as far as changes need it, and its row to write.
    package struct KeyState {
        package internal(set) var revision: Revision
        /// The row to write; nil if there is none.
        package internal(set) var written: AccessKey?

        /// The state of a key in the database.
        package init(revision: Revision) {
            self.init(revision: revision, written: nil)
        }

        init(revision: Revision, written: AccessKey?) {
            self.revision = revision
            self.written = written
        }
    }

    /// A change of the members of groups.
    package enum MembershipChange {
        /// The group has exactly these members.
        case replace(Group.Key, [HPCUserID])
        /// The user leaves all groups.
        case leave(HPCUserID)
    }

    /// Makes the effects of all changes so far permanent: a rollback no longer undoes them.
    mutating func markSavepoint() {
        savepoint = (members.count, events.count)
        requests.markSavepoint()
        clusters.markSavepoint()
        users.markSavepoint()
        names.markSavepoint()
        allocations.markSavepoint()
        groups.markSavepoint()
        groupNames.markSavepoint()
        memberships.markSavepoint()
        mapEntries.markSavepoint()
        keys.markSavepoint()
        attributes.markSavepoint()
        largest.markSavepoint()
    }

    /// Undoes all effects since the last savepoint.
    mutating func rollback() {
        members.removeLast(members.count - savepoint.members)
        events.removeLast(events.count - savepoint.events)
        requests.rollback()
        clusters.rollback()
        users.rollback()
        names.rollback()
        allocations.rollback()
        groups.rollback()
        groupNames.rollback()
        memberships.rollback()
        mapEntries.rollback()
        keys.rollback()
        attributes.rollback()
        largest.rollback()
    }

    /// Discards the rows, once they are written, because there may be very many. The events stay.
    mutating func clear() {
        requests.clear()
        clusters.clear()
        users.clear()
        names.clear()
        allocations.clear()
        groups.clear()
        groupNames.clear()
        memberships.clear()
        mapEntries.clear()
        keys.clear()
        attributes.clear()
        largest.clear()
        members = []
        savepoint = (0, events.count)
    }
}
