/// The rows that changed between two revisions, as they are at the later one.
///
/// A store reads a delta from the rows themselves, each of which carries its revision: there is no second log to keep
/// consistent or to trim (docs/decisions/0001).
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
    package var attributes: [AttributeDeclaration] = []

    /// Creates an empty delta from one revision to a later one.
    package init(from: Revision, to: Revision) {
        self.from = from
        self.to = to
    }

    /// A removed user and the cluster that it was in.
    package struct RemovedUser: Sendable, Equatable {
        package let id: HPCUserID
        package let cluster: ClusterID

        /// Creates the record of a removal.
        package init(id: HPCUserID, cluster: ClusterID) {
            self.id = id
            self.cluster = cluster
        }
    }
}
