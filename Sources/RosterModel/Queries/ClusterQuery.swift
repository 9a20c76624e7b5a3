/// What is asked of the list of clusters.
package struct ClusterQuery: Sendable, Equatable {
    package var zone: Zone
    package var cluster: ClusterID?
    package var type: Cluster.Kind?
    /// A literal part of the name or the identifier, without regard to case.
    package var searchWord: String?
    package var sortKey: SortKey = .createTime
    /// Whether the whole order is turned round, ties included.
    package var isReversed = false
    package var offset = 0
    package var limit = UserQuery.defaultLimit

    /// What the list may be ordered by; clusters that are equal in it follow their identifier.
    package enum SortKey: Sendable, Hashable, CaseIterable {
        case createTime
        /// Without regard to case.
        case name
    }

    package init(zone: Zone) {
        self.zone = zone
    }
}
