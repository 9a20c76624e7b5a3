/// What a reader needs to go from one revision to a later one: the rows as they now are.
///
/// It is read from the rows themselves, each of which bears its revision, so that there is one truth and nothing to trim
/// (docs/decisions/0001).
package struct Delta: Sendable {
    package var from: Revision
    package var to: Revision
    package var clusters: [Cluster] = []
    package var groups: [Group] = []
    package var removedGroups: [Group.Key] = []
    package var mapEntries: [MapEntry] = []
    package var removedMapEntries: [MapEntry.Key] = []
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
