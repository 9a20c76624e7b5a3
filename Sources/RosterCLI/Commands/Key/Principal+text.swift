import RosterModel

extension Principal {
    /// Whom or what it is bound to.
    var bound: String {
        switch self {
        case .operator(let account), .account(let account): account.text
        case .reader(let cluster): cluster?.text ?? "all clusters"
        }
    }
}
