package import RosterModel

/// The rows that a batch of changes reads and writes, read under the store's write lock, and what becomes of them.
///
/// Changes are applied here, in memory, and what they leave is written at the end: a store is asked twice per batch, however many
/// changes it has.
package struct WorkingSet {
    /// Answered requests, by digest.
    package var requests = RowOverlay<[UInt8], IdempotencyRecord>()
    /// Clusters.
    package var clusters = RowOverlay<ClusterID, ClusterState>()
    /// Users and their tombstones.
    package var users = RowOverlay<HPCUserID, UserState>()
    /// Who has a name now.
    package var names = RowOverlay<NameKey, HPCUserID>()
    /// The ledger.
    package var allocations = RowOverlay<AllocationKey, IDAllocation>()
    /// Groups and their tombstones.
    package var groups = RowOverlay<Group.Key, GroupState>()
    /// Which group has a name now.
    package var groupNames = RowOverlay<NameKey, Group.Key>()
    /// The groups of users that are removed.
    package var memberships = RowOverlay<HPCUserID, Set<Group.Key>>()
    /// Map entries.
    package var mapEntries = RowOverlay<MapEntry.Key, MapEntryState>()
    /// Access keys.
    package var keys = RowOverlay<AccessKeyID, KeyState>()
    /// The largest number that was allocated in a range.
    package var largest = RowOverlay<NumberRange, UInt32>()
    /// Some users of a cluster that must keep one: more than are removed, or all.
    package var inhabitants: [ClusterID: [HPCUserID]] = [:]
    /// Changes of memberships, in the order in which they are to be written.
    package internal(set) var members: [MembershipChange] = []
    var events: [OperationEvent] = []
    private var savepoint: (members: Int, events: Int) = (0, 0)

    /// Without rows.
    package init() {}

    /// What a change needs to know of a cluster, and what it leaves.
    package struct ClusterState {
        package internal(set) var revision: Revision
        /// The row to be written; nil where there is none.
        package internal(set) var written: Cluster?

        /// A cluster as the database has it.
        package init(revision: Revision) {
            self.init(revision: revision, written: nil)
        }

        init(revision: Revision, written: Cluster?) {
            self.revision = revision
            self.written = written
        }
    }

    /// What a change needs to know of a user, and what it leaves.
    package struct UserState {
        package internal(set) var cluster: ClusterID
        package internal(set) var uidNumber: UInt32
        package internal(set) var name: NameKey
        package internal(set) var revision: Revision
        package internal(set) var deletedTime: Timestamp?
        /// The name under which the database has it; nil where it has none, or a tombstone.
        var storedName: NameKey?
        /// The row to be written; nil where only the removal is.
        package internal(set) var written: User?

        /// A user as the database has it.
        package init(cluster: ClusterID, uidNumber: UInt32, name: NameKey, revision: Revision, deletedTime: Timestamp?)
        {
            self.cluster = cluster
            self.uidNumber = uidNumber
            self.name = name
            self.revision = revision
            self.deletedTime = deletedTime
            storedName = deletedTime == nil ? name : nil
        }

        /// Whether the row in the database must give up its name before other rows are written: its user is removed or renamed.
        package var releasesName: Bool { storedName != nil && (deletedTime != nil || storedName != name) }
    }

    /// What a change needs to know of a group, and what it leaves.
    package struct GroupState {
        package internal(set) var name: NameKey
        package internal(set) var revision: Revision
        package internal(set) var deletedTime: Timestamp?
        /// The name under which the database has it; nil where it has none, or a tombstone.
        var storedName: NameKey?
        /// The row to be written; nil where only the revision, the removal or the loss of a member is.
        package internal(set) var written: Group?
        /// When it lost a member or was removed; nil where the row says it.
        package internal(set) var updateTime: Timestamp?

        /// A group as the database has it.
        package init(name: NameKey, revision: Revision, deletedTime: Timestamp?) {
            self.name = name
            self.revision = revision
            self.deletedTime = deletedTime
            storedName = deletedTime == nil ? name : nil
        }

        /// Whether the row in the database must give up its name before other rows are written: its group is removed or renamed.
        package var releasesName: Bool { storedName != nil && (deletedTime != nil || storedName != name) }
    }

    /// What a change needs to know of a map entry, and what it leaves.
    package struct MapEntryState {
        package internal(set) var revision: Revision
        package internal(set) var deletedTime: Timestamp?
        /// The row to be written; nil where only the removal is.
        package internal(set) var written: MapEntry?

        /// An entry as the database has it.
        package init(revision: Revision, deletedTime: Timestamp?) {
            self.init(revision: revision, deletedTime: deletedTime, written: nil)
        }

        init(revision: Revision, deletedTime: Timestamp?, written: MapEntry?) {
            self.revision = revision
            self.deletedTime = deletedTime
            self.written = written
        }
    }

    /// What a change needs to know of an access key, and what it leaves.
    package struct KeyState {
        package internal(set) var revision: Revision
        /// The row to be written; nil where there is none.
        package internal(set) var written: AccessKey?

        /// A key as the database has it.
        package init(revision: Revision) {
            self.init(revision: revision, written: nil)
        }

        init(revision: Revision, written: AccessKey?) {
            self.revision = revision
            self.written = written
        }
    }

    /// What becomes of the members of groups.
    package enum MembershipChange {
        /// These are the members now.
        case replace(Group.Key, [HPCUserID])
        /// The user is in no group any more.
        case leave(HPCUserID)
    }

    /// What the changes did so far cannot be undone any more.
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
        largest.markSavepoint()
    }

    /// Undoes what a change did since the last savepoint.
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
        largest.rollback()
    }

    /// Forgets the rows that are written, of which there may be a great many. The events stay.
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
        largest.clear()
        members = []
        savepoint = (0, events.count)
    }
}
