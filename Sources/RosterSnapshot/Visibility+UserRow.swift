package import RosterModel

extension Scope.Visibility {
    /// Whether it lets a user of its cluster be seen.
    package func lets(see row: UserRow) -> Bool {
        switch self {
        case .all: true
        case .rows(let account): row.withText(of: .account) { $0.elementsEqual(account.text.utf8) }
        }
    }
}
