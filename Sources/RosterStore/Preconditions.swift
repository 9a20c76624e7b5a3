package import RosterModel

/// What a judgement stood on: a change that bears expectations is committed only where they still hold.
///
/// They name rows, not the whole directory, so that changes of different users do not stand in each other's way
/// (docs/decisions/0003).
package struct Preconditions: Sendable, Equatable {
    /// The revision that the change was judged at.
    package let revision: Revision
    /// Users that must be there, and that no later revision may have touched.
    package var users: Set<HPCUserID> = []
    /// Clusters that must be there, and that no later revision may have touched.
    package var clusters: Set<ClusterID> = []
    /// Groups that must be there, and that no later revision may have touched; a member that is removed touches its groups.
    package var groups: Set<Group.Key> = []
    /// Access keys that must be there, and that no later revision may have touched; a revocation touches its key.
    package var keys: Set<AccessKeyID> = []
    /// Clusters that must not be there.
    package var missingClusters: Set<ClusterID> = []
    /// Clusters that must have a user left after the change.
    package var inhabitedClusters: Set<ClusterID> = []

    /// Expectations of nothing yet, at `revision`.
    package init(at revision: Revision) {
        self.revision = revision
    }

    /// The same with more rows, which were looked at in the same snapshot.
    package mutating func expect(users: some Sequence<HPCUserID>, keys: some Sequence<AccessKeyID>) {
        self.users.formUnion(users)
        self.keys.formUnion(keys)
    }
}
