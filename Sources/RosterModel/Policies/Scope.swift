/// What a principal may see. It is the same for every server.
package enum Scope: Sendable, Equatable {
    case all
    /// The named clusters, each with its visibility; nothing of the others.
    case clusters([ClusterID: Visibility])

    /// What may be seen of one cluster.
    package enum Visibility: Sendable, Hashable {
        case all
        /// Only the rows of this account.
        case rows(of: AccountID)
    }

    /// What may be seen of `cluster`; nil if nothing.
    package func visibility(in cluster: ClusterID) -> Visibility? {
        switch self {
        case .all: .all
        case .clusters(let extents): extents[cluster]
        }
    }
}
