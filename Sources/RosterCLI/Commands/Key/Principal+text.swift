import RosterModel

extension Principal {
    /// What the principal is bound to: an account, a cluster, or all clusters.
    var bound: String {
        switch self {
        case .operator(let account), .account(let account): account.text
        case .reader(let cluster): cluster?.text ?? "all clusters"
        }
    }
}
