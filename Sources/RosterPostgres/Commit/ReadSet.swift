import RosterModel
import RosterStore

/// A name in a cluster, without regard to ASCII case; compared by its bytes.
struct NameKey: Hashable {
    let cluster: ClusterID
    let key: Username

    init(_ cluster: ClusterID, _ name: some StringProtocol) {
        self.cluster = cluster
        key = Username(stored: Username.key(of: name))
    }
}

/// A number of the ledger.
struct AllocationKey: Hashable {
    let cluster: ClusterID
    let kind: IDAllocation.Kind
    let number: UInt32
}

/// Where a number is to be found for somebody.
struct NumberRange: Hashable {
    let cluster: ClusterID
    let kind: IDAllocation.Kind
    let numbers: ClosedRange<UInt32>
}

/// What must be read before changes can be judged.
struct ReadSet {
    var requests: Set<[UInt8]> = []
    var clusters: Set<ClusterID> = []
    var users: Set<HPCUserID> = []
    var names: Set<NameKey> = []
    var allocations: Set<AllocationKey> = []
    var groups: Set<Group.Key> = []
    var groupNames: Set<NameKey> = []
    /// Users that are removed: the groups that they leave, and the grants of their uids, are wanted too.
    var leavers: Set<HPCUserID> = []
    var keys: Set<AccessKeyID> = []
    var ranges: Set<NumberRange> = []
    /// Clusters that must keep a user, and how many are removed from anywhere.
    var inhabited: Set<ClusterID> = []

    /// - Parameter hasUsers: whether the users that the change puts are wanted, and those that must be new.
    mutating func add(_ change: Change, hasUsers: Bool) {
        if let request = change.request { requests.insert(request.digest) }
        if let expected = change.preconditions {
            users.formUnion(expected.users)
            clusters.formUnion(expected.clusters)
            clusters.formUnion(expected.missingClusters)
            groups.formUnion(expected.groups)
            keys.formUnion(expected.keys)
            inhabited.formUnion(expected.inhabitedClusters)
        }
        users.formUnion(change.removedUsers)
        leavers.formUnion(change.removedUsers)
        for key in change.removedGroups {
            groups.insert(key)
            allocations.insert(AllocationKey(cluster: key.cluster, kind: .gid, number: key.gidNumber))
        }
        for group in change.groups { add(group) }
        for added in change.addedGroups {
            clusters.insert(added.group.cluster)
            groupNames.insert(NameKey(added.group.cluster, added.group.name))
            if let range = added.range {
                ranges.insert(NumberRange(cluster: added.group.cluster, kind: .gid, numbers: range))
            } else {
                add(added.group)
            }
        }
        for unnumbered in change.unnumberedUsers {
            add(unnumbered.user, uid: nil)
            ranges.insert(
                NumberRange(cluster: unnumbered.user.cluster, kind: .uid, numbers: unnumbered.range))
        }
        guard hasUsers else { return }
        users.formUnion(change.newIDs)
        for user in change.users { add(user, uid: user.uidNumber) }
    }

    /// - Parameter uid: nil where the store gives it.
    mutating func add(_ user: User, uid: UInt32?) {
        clusters.insert(user.cluster)
        users.insert(user.id)
        names.insert(NameKey(user.cluster, user.username.text))
        allocations.insert(AllocationKey(cluster: user.cluster, kind: .gid, number: user.gidNumber))
        if let uid { allocations.insert(AllocationKey(cluster: user.cluster, kind: .uid, number: uid)) }
    }

    private mutating func add(_ group: Group) {
        groups.insert(group.key)
        groupNames.insert(NameKey(group.cluster, group.name))
        allocations.insert(AllocationKey(cluster: group.cluster, kind: .gid, number: group.gidNumber))
    }
}
