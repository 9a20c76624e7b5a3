package import RosterModel

/// What a plan relied on: a change with preconditions is committed only if they still hold (optimistic concurrency
/// control).
///
/// They name rows instead of the whole directory, so that changes of different users do not conflict
/// (docs/decisions/0003).
package struct Preconditions: Sendable, Equatable {
    /// The revision of the snapshot that the change was planned at.
    package let revision: Revision
    /// Users that must exist and be unchanged since that revision.
    package var users: Set<HPCUserID> = []
    /// Users that must be removed and unchanged since that revision.
    package var removedUsers: Set<HPCUserID> = []
    /// Clusters that must exist and be unchanged since that revision.
    package var clusters: Set<ClusterID> = []
    /// Groups that must exist and be unchanged since that revision; removing a member changes its groups.
    package var groups: Set<Group.Key> = []
    /// Map entries that must exist and be unchanged since that revision.
    package var mapEntries: Set<MapEntry.Key> = []
    /// Access keys that must exist and be unchanged since that revision; a revocation changes its key.
    package var keys: Set<AccessKeyID> = []
    /// Clusters that must not exist.
    package var missingClusters: Set<ClusterID> = []
    /// Clusters that must have a user left after the change.
    package var inhabitedClusters: Set<ClusterID> = []

    /// Creates an empty set of preconditions, planned at `revision`.
    package init(at revision: Revision) {
        self.revision = revision
    }

    /// Adds the preconditions of another plan at the same revision.
    package mutating func formUnion(_ other: Preconditions) {
        precondition(other.revision == revision, "the plans are of one snapshot")
        users.formUnion(other.users)
        removedUsers.formUnion(other.removedUsers)
        clusters.formUnion(other.clusters)
        groups.formUnion(other.groups)
        mapEntries.formUnion(other.mapEntries)
        keys.formUnion(other.keys)
        missingClusters.formUnion(other.missingClusters)
        inhabitedClusters.formUnion(other.inhabitedClusters)
    }

    /// Adds rows that were read in the same snapshot.
    package mutating func expect(users: some Sequence<HPCUserID>, keys: some Sequence<AccessKeyID>) {
        self.users.formUnion(users)
        self.keys.formUnion(keys)
    }
}
