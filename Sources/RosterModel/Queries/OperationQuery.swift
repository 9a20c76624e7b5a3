/// A query of the operation log: its jobs in the order in which they began.
package struct OperationQuery: Sendable {
    /// What the caller may see.
    package var scope: OperationScope
    /// Only these; empty is all.
    package var jobs: Set<JobID> = []
    package var status: OperationEvent.Status?
    package var action: String?
    /// Only jobs that acted on one of these; empty is all.
    package var resources: Set<String> = []
    package var owner: AccountID?
    /// Only jobs that began in this time, both ends included.
    package var start: Timestamp?
    package var end: Timestamp?
    /// A literal part of the action, a resource or the description, without regard to case.
    package var searchWord: String?
    /// The newest first, instead of the oldest.
    package var isReversed = false
    package var offset = 0
    package var limit = UserQuery.defaultLimit

    package init(scope: OperationScope) {
        self.scope = scope
    }
}

/// What of the operation log may be seen: members see what they asked for themselves, admins their clusters' too.
package struct OperationScope: Sendable {
    /// The clusters of the zone whose jobs may be seen.
    package let clusters: Set<ClusterID>
    /// All jobs of this account.
    package let account: AccountID?
    /// Whether every job may be seen, those that are about no cluster too, keys for instance.
    package let isGlobal: Bool
    /// The clusters of the zone that may be seen, and those of other zones. A job about neither shows in every zone.
    package let zone: Set<ClusterID>
    package let elsewhere: Set<ClusterID>

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
    /// Every job of every zone: what the program itself sees.
    package static let all = OperationScope(clusters: [], account: nil, isGlobal: true, zone: [], elsewhere: [])
}
