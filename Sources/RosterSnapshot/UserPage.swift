package import RosterModel

/// One page of the list, and how many users there are in all of it.
package struct UserPage: Sendable {
    package let totalCount: Int
    /// The users of the page, where they lie in the snapshot.
    package let rows: [UserRow]
    /// The revision that the page shows.
    package let revision: Revision

    init(totalCount: Int, rows: [UserRow], revision: Revision) {
        self.totalCount = totalCount
        self.rows = rows
        self.revision = revision
    }

    /// Copies of the users of the page.
    package var users: [User] { rows.map(\.user) }
}
