/// All rows from which reads are answered, at one revision.
package struct DirectoryContents: Sendable {
    package var revision: Revision
    package var clusters: [Cluster]
    package var groups: [Group]
    package var mapEntries: [MapEntry]
    /// The users, as bytes.
    package var loaded: UserArena
    package var keys: [AccessKey]
    /// What the site declares, with the declarations that were removed.
    package var attributes: [AttributeDeclaration] = []
    /// The timeline of the revision. If a database loses commits in a failover, revision numbers are reused for other
    /// changes, and the timeline gets a new identifier.
    package var timelineID = ""

    /// Creates contents, copying `users` into an arena.
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

    /// Copies of the users, for callers that do not need speed.
    package var users: [User] { loaded.users }
}
