/// One write: the rows that it makes or replaces, those that it removes, and the events that it logs.
///
/// A store commits it whole, under one revision, or not at all.
package struct Change: Sendable {
    package var clusters: [Cluster] = []
    package var groups: [Group] = []
    /// Users to make or to replace (by `id`).
    package var users: [User] = []
    /// Users to remove; each leaves a tombstone.
    package var removedUsers: [HPCUserID] = []
    /// Keys to make or to replace (by `id`).
    package var keys: [AccessKey] = []
    package var events: [OperationEvent] = []
    /// When it happens: what tombstones and the ledger record.
    package var time: Timestamp

    package init(time: Timestamp) {
        self.time = time
    }
}

/// What a reader needs to go from one revision to a later one: the rows as they now are.
///
/// It is read from the rows themselves, each of which bears its revision, so that there is one truth and nothing to trim
/// (docs/decisions/0001).
package struct Delta: Sendable {
    package var from: Revision
    package var to: Revision
    package var clusters: [Cluster] = []
    package var groups: [Group] = []
    package var users: [User] = []
    package var removedUsers: [RemovedUser] = []
    package var keys: [AccessKey] = []

    package init(from: Revision, to: Revision) {
        self.from = from
        self.to = to
    }

    /// A user that is gone, and where it was.
    package struct RemovedUser: Sendable, Equatable {
        package let id: HPCUserID
        package let cluster: ClusterID

        package init(id: HPCUserID, cluster: ClusterID) {
            self.id = id
            self.cluster = cluster
        }
    }
}

/// Everything that reads are answered from, at one revision.
package struct DirectoryImage: Sendable {
    package var revision: Revision
    package var clusters: [Cluster]
    package var groups: [Group]
    package var users: [User]
    package var keys: [AccessKey]

    package init(
        revision: Revision, clusters: [Cluster] = [], groups: [Group] = [], users: [User] = [], keys: [AccessKey] = []
    ) {
        self.revision = revision
        self.clusters = clusters
        self.groups = groups
        self.users = users
        self.keys = keys
    }
}
