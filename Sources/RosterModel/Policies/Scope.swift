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

    /// Whether the map entries of a cluster may be seen. They say what users may do on nodes: who sees only its own
    /// rows sees none.
    package func showsMaps(of cluster: ClusterID) -> Bool { visibility(in: cluster) == .all }

    /// What may be seen of `cluster`; nil is nothing.
    package func visibility(in cluster: ClusterID) -> Visibility? {
        switch self {
        case .all: .all
        case .clusters(let extents): extents[cluster]
        }
    }
}
