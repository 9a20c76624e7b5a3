package import RosterModel

/// What a plan stood on: a change with preconditions is committed only if they still hold (optimistic concurrency control).
///
/// They name rows, not the whole directory, so that changes of different users do not conflict
/// (docs/decisions/0003).
package struct Preconditions: Sendable, Equatable {
    /// The revision of the snapshot that the change was planned at.
    package let revision: Revision
    /// Users that must be there, and that no later revision may have touched.
    package var users: Set<HPCUserID> = []
    /// Clusters that must be there, and that no later revision may have touched.
    package var clusters: Set<ClusterID> = []
    /// Groups that must be there, and that no later revision may have touched; a member that is removed touches its groups.
    package var groups: Set<Group.Key> = []
    /// Map entries that must be there, and that no later revision may have touched.
    package var mapEntries: Set<MapEntry.Key> = []
    /// Access keys that must be there, and that no later revision may have touched; a revocation touches its key.
    package var keys: Set<AccessKeyID> = []
    /// Clusters that must not be there.
    package var missingClusters: Set<ClusterID> = []
    /// Clusters that must have a user left after the change.
    package var inhabitedClusters: Set<ClusterID> = []

    /// No preconditions yet, at `revision`.
    package init(at revision: Revision) {
        self.revision = revision
    }

    /// Adds rows that were read in the same snapshot.
    package mutating func expect(users: some Sequence<HPCUserID>, keys: some Sequence<AccessKeyID>) {
        self.users.formUnion(users)
        self.keys.formUnion(keys)
    }
}
