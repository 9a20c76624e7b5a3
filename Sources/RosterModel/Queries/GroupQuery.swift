/// What is asked of the list of groups.
package struct GroupQuery: Sendable, Equatable {
    package var zone: Zone
    package var cluster: ClusterID?
    /// A literal part of the name, without regard to case.
    package var searchWord: String?
    package var sortKey: SortKey = .name
    /// Whether the whole order is turned round, ties included.
    package var isReversed = false
    package var offset = 0
    package var limit = UserQuery.defaultLimit

    /// What the list may be ordered by; groups that are equal in it follow their cluster and their gid.
    package enum SortKey: Sendable, Hashable, CaseIterable {
        /// Without regard to case.
        case name
        case gidNumber
    }

    package init(zone: Zone) {
        self.zone = zone
    }
}
