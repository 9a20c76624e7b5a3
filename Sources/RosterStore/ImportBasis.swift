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

    /// Of no cluster.
    package init(revision: Revision) {
        self.init(revision: revision, of: [], clusters: [], groups: [], removedGroups: [])
    }

    /// Of the clusters `ids` among all of a store, without users and allocations.
    package init(
        revision: Revision, of ids: Set<ClusterID>, clusters: [Cluster], groups: [Group], removedGroups: [Group]
    ) {
        self.revision = revision
        self.clusters = clusters.filter { ids.contains($0.id) }
        self.groups = groups.filter { ids.contains($0.cluster) }
        self.removedGroups = removedGroups.filter { ids.contains($0.cluster) }
        mapEntries = []
        users = []
        tombstones = []
        allocations = []
        takenIDs = [:]
    }

    /// - Parameter removed: since when the user is removed; nil for one that is there.
    package mutating func add(_ user: User, removed: Timestamp?) {
        if let removed {
            tombstones.append((user, removed))
        } else {
            users.append(user)
        }
    }
}
