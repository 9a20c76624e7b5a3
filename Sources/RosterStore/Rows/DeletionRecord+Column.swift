package import RosterModel

/// The column that holds the groups of a deleted user, in every store.
extension DeletionRecord {
    /// The gids of `groups`, separated by commas; empty if there are none.
    package var groupsText: String { groups.map(String.init).joined(separator: ",") }

    /// Creates a record from its columns.
    package init(user: HPCUserID, time: Int64, password: String?, groupsText: String) {
        self.init(
            user: user, time: Timestamp(seconds: time), password: password.map { PasswordHash(stored: $0) },
            groups: groupsText.split(separator: ",").compactMap { UInt32($0) })
    }
}
