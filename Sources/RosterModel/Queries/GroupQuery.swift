/// A query of the list of groups.
package struct GroupQuery: Sendable, Equatable {
    package var zone: Zone
    package var cluster: ClusterID?
    /// A literal part of the name, ignoring case.
    package var searchWord: String?
    package var sortKey: SortKey = .name
    /// Whether the whole order is reversed, ties included.
    package var isReversed = false
    package var offset = 0
    package var limit = UserQuery.defaultLimit

    /// The sort key; ties are ordered by cluster and gid.
    package enum SortKey: Sendable, Hashable, CaseIterable {
        /// Ignoring case.
        case name
        case gidNumber
    }

    /// Creates a query for all groups of `zone`.
    package init(zone: Zone) {
        self.zone = zone
    }
}
