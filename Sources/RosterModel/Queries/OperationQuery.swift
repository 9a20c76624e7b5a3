/// A query of the operation log, whose jobs are ordered by their beginning.
package struct OperationQuery: Sendable {
    /// What the caller may see.
    package var scope: OperationScope
    /// Only these jobs; empty means all.
    package var jobs: Set<JobID> = []
    package var status: OperationEvent.Status?
    /// The name of an action, ignoring the case of ASCII letters.
    package var action: String?
    /// Only jobs about this cluster.
    package var cluster: ClusterID?
    /// Only jobs that acted on one of these; empty means all.
    package var resources: Set<String> = []
    /// The names and identifiers of one user: only jobs that acted on one of them; nil means all.
    package var userWords: Set<String>?
    package var owner: AccountID?
    /// Only jobs that began in this period, both ends included.
    package var start: Timestamp?
    package var end: Timestamp?
    /// A literal part of the action, a resource or the message, ignoring case.
    package var searchWord: String?
    /// Newest first instead of oldest first.
    package var isReversed = false
    package var offset = 0
    package var limit = UserQuery.defaultLimit

    /// Creates a query for all jobs in `scope`.
    package init(scope: OperationScope) {
        self.scope = scope
    }
}

/// The part of the operation log that a caller may see: members see their own jobs, admins also those of their
/// clusters.
package struct OperationScope: Sendable {
    /// The clusters of the zone all of whose jobs are visible.
    package let clusters: Set<ClusterID>
    /// The account all of whose jobs are visible.
    package let account: AccountID?
    /// Whether every job is visible, including those that are about no cluster, such as creating a key.
    package let isGlobal: Bool
    /// The visible clusters of the zone, and those of other zones. A job that is about neither appears in every zone.
    package let zone: Set<ClusterID>
    package let elsewhere: Set<ClusterID>

    /// Creates a scope.
    package init(
        clusters: Set<ClusterID>, account: AccountID?, isGlobal: Bool, zone: Set<ClusterID>,
        elsewhere: Set<ClusterID>
    ) {
        self.clusters = clusters
        self.account = account
        self.isGlobal = isGlobal
        self.zone = zone
        self.elsewhere = elsewhere
    }
}

extension OperationScope {
    /// Every job of every zone, for the program itself.
    package static let all = OperationScope(clusters: [], account: nil, isGlobal: true, zone: [], elsewhere: [])
}
