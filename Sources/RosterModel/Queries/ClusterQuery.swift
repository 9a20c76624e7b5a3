/// A query of the list of clusters.
package struct ClusterQuery: Sendable, Equatable {
    package var zone: Zone
    package var cluster: ClusterID?
    package var type: Cluster.Kind?
    /// A literal part of the name or the identifier, ignoring case.
    package var searchWord: String?
    package var sortKey: SortKey = .createTime
    /// Whether the whole order is reversed, ties included.
    package var isReversed = false
    package var offset = 0
    package var limit = UserQuery.defaultLimit

    /// The sort key; ties are ordered by identifier.
    package enum SortKey: Sendable, Hashable, CaseIterable {
        case createTime
        /// Ignoring case.
        case name
    }

    /// Creates a query for all clusters of `zone`.
    package init(zone: Zone) {
        self.zone = zone
    }
}
