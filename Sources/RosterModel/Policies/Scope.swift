/// What a principal may see. The same for every server.
package enum Scope: Sendable, Equatable {
    case all
    /// Of each named cluster what is said, of the others nothing.
    case clusters([ClusterID: Visibility])

    package enum Visibility: Sendable, Hashable {
        case all
        /// The rows of this account only.
        case rows(of: AccountID)
    }

    /// What may be seen of `cluster`; nil is nothing.
    package func visibility(in cluster: ClusterID) -> Visibility? {
        switch self {
        case .all: .all
        case .clusters(let extents): extents[cluster]
        }
    }
}
