package import RosterModel

/// What an import into some clusters must know, at one revision.
package struct ImportBasis: Sendable {
    package var revision: Revision
    /// The requested clusters that exist.
    package var clusters: [Cluster]
    package var groups: [Group]
    /// The groups that were removed from those clusters, without members.
    package var removedGroups: [Group]
    /// The map entries of those clusters.
    package var mapEntries: [MapEntry]
    /// What the site declares, with the declarations that were removed.
    package var attributes: [AttributeDeclaration]
    /// The users of those clusters.
    package var users: [User]
    /// The users that were removed from those clusters, and when.
    package var tombstones: [(user: User, time: Timestamp)]
    /// The uids and gids that were allocated in those clusters.
    package var allocations: [IDAllocation]
    /// The requested identifiers that are taken, each with the cluster of its owner.
    package var takenIDs: [HPCUserID: ClusterID]

    /// Creates a basis without clusters.
    package init(revision: Revision) {
        self.init(revision: revision, of: [], clusters: [], groups: [], removedGroups: [])
    }

    /// Creates a basis for the clusters `ids`, selecting from all rows of a store; users, map entries, allocations and
    /// taken identifiers are left empty.
    package init(
        revision: Revision, of ids: Set<ClusterID>, clusters: [Cluster], groups: [Group], removedGroups: [Group]
    ) {
        self.revision = revision
        self.clusters = clusters.filter { ids.contains($0.id) }
        self.groups = groups.filter { ids.contains($0.cluster) }
        self.removedGroups = removedGroups.filter { ids.contains($0.cluster) }
        mapEntries = []
        attributes = []
        users = []
        tombstones = []
        allocations = []
        takenIDs = [:]
    }

    /// Adds a user or its tombstone.
    /// - Parameter removed: when the user was removed; nil if it exists.
    package mutating func add(_ user: User, removed: Timestamp?) {
        if let removed {
            tombstones.append((user, removed))
        } else {
            users.append(user)
        }
    }
}
