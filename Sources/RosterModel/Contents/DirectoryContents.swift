/// Everything that reads are answered from, at one revision.
package struct DirectoryContents: Sendable {
    package var revision: Revision
    package var clusters: [Cluster]
    package var groups: [Group]
    package var mapEntries: [MapEntry]
    /// The users, as bytes.
    package var loaded: UserArena
    package var keys: [AccessKey]
    /// Which history the revision is of. Where a database lost commits in a failover, the same revisions mean something else
    /// afterwards, and it calls its history otherwise.
    package var timelineID = ""

    package init(
        revision: Revision, clusters: [Cluster] = [], groups: [Group] = [], mapEntries: [MapEntry] = [],
        users: [User] = [], keys: [AccessKey] = []
    ) {
        self.revision = revision
        self.clusters = clusters
        self.groups = groups
        self.mapEntries = mapEntries
        loaded = UserArena(users)
        self.keys = keys
    }

    /// Copies of the users, for whoever needs no speed.
    package var users: [User] { loaded.users }
}
