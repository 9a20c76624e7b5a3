package import RosterModel

/// What a store has of the logins of users.
package struct LoginHistory: Sendable, Equatable {
    /// Since when logins are recorded in this store.
    package let since: Timestamp
    package let logins: [LoginRecord]
    /// What to ask for the next time (`DirectoryStore.logins`): the store's clock, in seconds.
    package let mark: Int64

    /// Creates a history.
    package init(since: Timestamp, logins: [LoginRecord], mark: Int64) {
        self.since = since
        self.logins = logins
        self.mark = mark
    }

    /// The name of the row of `meta` that has `since`.
    package static let sinceName = "logins_since"

    /// The time from which rows are read for a mark: a transaction that wrote rows may have run so long before it was
    /// seen, 300 seconds.
    package static func start(after mark: Int64?) -> Int64 { mark.map { $0 - 300 } ?? .min }

    /// In the order in which they are written, so that two servers do not wait for each other.
    package static func sorted(_ logins: [LoginRecord]) -> [LoginRecord] {
        logins.sorted {
            $0.user == $1.user
                ? $0.outcome.rawValue < $1.outcome.rawValue
                : $0.user.text.utf8.lexicographicallyPrecedes($1.user.text.utf8)
        }
    }
}
