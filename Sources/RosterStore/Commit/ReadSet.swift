package import RosterModel

/// A name in a cluster, ignoring ASCII case; compared by its bytes.
package struct NameKey: Hashable {
    package let cluster: ClusterID
    package let key: Username

    /// Creates a key.
    /// - Parameter name: in any case.
    package init(_ cluster: ClusterID, _ name: some StringProtocol) {
        self.cluster = cluster
        key = Username(stored: Username.key(of: name))
    }
}

/// The key of an allocation in the ledger.
package struct AllocationKey: Hashable {
    package let cluster: ClusterID
    package let kind: IDAllocation.Kind
    package let number: UInt32

    /// Creates the key of a uid or gid of a cluster.
    package init(cluster: ClusterID, kind: IDAllocation.Kind, number: UInt32) {
        self.cluster = cluster
        self.kind = kind
        self.number = number
    }

    /// Creates the key of `allocation`.
    package init(_ allocation: IDAllocation) {
        self.init(cluster: allocation.cluster, kind: allocation.kind, number: allocation.number)
    }
}

/// A range of numbers of a cluster from which the store chooses one that was never allocated.
package struct NumberRange: Hashable {
    package let cluster: ClusterID
    package let kind: IDAllocation.Kind
    package let numbers: ClosedRange<UInt32>
}

/// The keys of the rows that must be read before changes are applied.
package struct ReadSet {
    /// The digests of signed requests.
    package var requests: Set<[UInt8]> = []
    /// Clusters; only their revisions are read.
    package var clusters: Set<ClusterID> = []
    /// Whether removed or not.
    package var users: Set<HPCUserID> = []
    /// Names of users.
    package var names: Set<NameKey> = []
    /// Numbers of the ledger.
    package var allocations: Set<AllocationKey> = []
    /// Groups, including removed ones.
    package var groups: Set<Group.Key> = []
    /// Names of groups.
    package var groupNames: Set<NameKey> = []
    /// Whether removed or not.
    package var mapEntries: Set<MapEntry.Key> = []
    /// Users to remove: their groups and the allocations of their uids are read too.
    package var removedUsers: Set<HPCUserID> = []
    /// Access keys.
    package var keys: Set<AccessKeyID> = []
    /// Ranges; the largest allocated number of each is read.
    package var ranges: Set<NumberRange> = []
    /// Clusters that must keep a user: of each, one user more than `removedUsers` has is read, or all users.
    package var inhabitedClusters: Set<ClusterID> = []

    /// Creates an empty set.
    package init() {}

    /// Adds the rows that `change` needs.
    /// - Parameter hasUsers: whether to add the rows of its users, and those that must not exist yet.
    package mutating func add(_ change: Change, hasUsers: Bool) {
        if let request = change.request { requests.insert(request.digest) }
        if let expected = change.preconditions {
            users.formUnion(expected.users)
            users.formUnion(expected.removedUsers)
            clusters.formUnion(expected.clusters)
            clusters.formUnion(expected.missingClusters)
            groups.formUnion(expected.groups)
            mapEntries.formUnion(expected.mapEntries)
            keys.formUnion(expected.keys)
            inhabitedClusters.formUnion(expected.inhabitedClusters)
        }
        users.formUnion(change.removedUsers)
        removedUsers.formUnion(change.removedUsers)
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
        mapEntries.formUnion(change.removedMapEntries)
        for entry in change.mapEntries {
            clusters.insert(entry.cluster)
            mapEntries.insert(entry.key)
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

    /// Adds the rows that adding or replacing a user needs.
    /// - Parameter uid: nil if the store chooses it.
    package mutating func add(_ user: User, uid: UInt32?) {
        clusters.insert(user.cluster)
        users.insert(user.id)
        names.insert(NameKey(user.cluster, user.username.text))
        allocations.insert(AllocationKey(cluster: user.cluster, kind: .gid, number: user.gidNumber))
        if let uid { allocations.insert(AllocationKey(cluster: user.cluster, kind: .uid, number: uid)) }
    }

    private mutating func add(_ group: Group) {
        clusters.insert(group.cluster)
        groups.insert(group.key)
        groupNames.insert(NameKey(group.cluster, group.name))
        allocations.insert(AllocationKey(cluster: group.cluster, kind: .gid, number: group.gidNumber))
    }
}
