package import RosterModel

/// What an import into some clusters must know, at one revision.
package struct ImportBasis: Sendable {
    package var revision: Revision
    /// Those of the asked clusters that exist.
    package var clusters: [Cluster]
    package var groups: [Group]
    /// The groups that were removed from those clusters, without members.
    package var removedGroups: [Group]
    /// The map entries of those clusters.
    package var mapEntries: [MapEntry]
    /// The users of those clusters.
    package var users: [User]
    /// The users that were removed from those clusters, and when.
    package var tombstones: [(user: User, time: Timestamp)]
    /// The uids and gids that were given in those clusters.
    package var allocations: [IDAllocation]
    /// Of the asked identifiers those that are taken, with their owner's cluster.
    package var takenIDs: [HPCUserID: ClusterID]

    package init(revision: Revision) {
        self.revision = revision
        clusters = []
        groups = []
        removedGroups = []
        mapEntries = []
        users = []
        tombstones = []
        allocations = []
        takenIDs = [:]
    }
}
