package import RosterModel

extension Scope.Visibility {
    /// Whether a user of its cluster is visible.
    package func lets(see row: UserRow) -> Bool {
        switch self {
        case .all: true
        case .rows(let account): row.withText(of: .account) { $0.elementsEqual(account.text.utf8) }
        }
    }
}
