import RosterModel

extension Principal {
    /// The kind of key, in a word.
    var kind: String {
        switch self {
        case .operator: "operator"
        case .account: "account"
        case .reader: "reader"
        }
    }

    /// Whom or what it is bound to.
    var bound: String {
        switch self {
        case .operator(let account), .account(let account): account.text
        case .reader(let cluster): cluster?.text ?? "all clusters"
        }
    }
}
