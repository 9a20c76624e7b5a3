package import RosterModel

/// A page of the list of users, and the total number of matching users.
package struct UserPage: Sendable {
    package let totalCount: Int
    /// The users of the page, in place in the snapshot.
    package let rows: [UserRow]
    /// The revision of the snapshot.
    package let revision: Revision

    init(totalCount: Int, rows: [UserRow], revision: Revision) {
        self.totalCount = totalCount
        self.rows = rows
        self.revision = revision
    }

    /// Copies of the users of the page.
    package var users: [User] { rows.map(\.user) }
}
