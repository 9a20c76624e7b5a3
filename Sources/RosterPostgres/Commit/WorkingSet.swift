import RosterModel
import RosterStore

/// What a group of changes stands on: the rows that it is about, read under the lock of the revision, so that nobody else can
/// change them; and what becomes of them.
///
/// Changes are judged here, in memory, and what they leave is written in one go: the server is asked twice a group, however
/// many changes it has.
struct WorkingSet {
    var requests = RowOverlay<[UInt8], Answered>()
    var clusters = RowOverlay<ClusterID, ClusterState>()
    var users = RowOverlay<HPCUserID, UserState>()
    /// Who has a name now.
    var names = RowOverlay<NameKey, HPCUserID>()
    var allocations = RowOverlay<AllocationKey, IDAllocation>()
    var groups = RowOverlay<Group.Key, GroupState>()
    /// Which group has a name now.
    var groupNames = RowOverlay<NameKey, Group.Key>()
    /// The groups of users that are removed.
    var memberships = RowOverlay<HPCUserID, Set<Group.Key>>()
    var keys = RowOverlay<AccessKeyID, KeyState>()
    /// The largest number that was given in a range.
    var largest = RowOverlay<NumberRange, UInt32>()
    /// Some users of a cluster that must keep one: more than are removed, or all.
    var inhabitants: [ClusterID: [HPCUserID]] = [:]
    /// What becomes of memberships, in order.
    var members: [MemberStep] = []
    var events: [OperationEvent] = []
    private var kept: (members: Int, events: Int) = (0, 0)

    /// A request that was answered, and until when that is remembered.
    struct Answered {
        let outcome: IdempotencyRecord.Outcome
        let forgottenAfter: Timestamp
    }

    struct ClusterState {
        var revision: Revision
        /// What is to be written.
        var written: Cluster?
    }

    struct UserState {
        var cluster: ClusterID
        var uidNumber: UInt32
        var name: NameKey
        var revision: Revision
        var deletedTime: Timestamp?
        /// The name under which the database has it; nil where it does not, or as a tombstone.
        var storedName: NameKey?
        /// What is to be written; nil where only the removal is.
        var written: User?
    }

    struct GroupState {
        var name: NameKey
        var revision: Revision
        var deletedTime: Timestamp?
        /// What is to be written; nil where only the revision or the removal is.
        var written: Group?
    }

    struct KeyState {
        var revision: Revision
        var written: AccessKey?
    }

    enum MemberStep {
        /// These are the members now.
        case replace(Group.Key, [HPCUserID])
        /// The user is in no group any more.
        case leave(HPCUserID)
    }

    /// What one change did stays.
    mutating func keep() {
        kept = (members.count, events.count)
        requests.keep()
        clusters.keep()
        users.keep()
        names.keep()
        allocations.keep()
        groups.keep()
        groupNames.keep()
        memberships.keep()
        keys.keep()
        largest.keep()
    }

    /// Takes back what one change did.
    mutating func revert() {
        members.removeLast(members.count - kept.members)
        events.removeLast(events.count - kept.events)
        requests.revert()
        clusters.revert()
        users.revert()
        names.revert()
        allocations.revert()
        groups.revert()
        groupNames.revert()
        memberships.revert()
        keys.revert()
        largest.revert()
    }

    /// Forgets the rows of which there may be a great many, once they are written.
    mutating func clear() {
        requests.clear()
        clusters.clear()
        users.clear()
        names.clear()
        allocations.clear()
        groups.clear()
        groupNames.clear()
        memberships.clear()
        keys.clear()
        members = []
        events = []
        kept = (0, 0)
    }
}
