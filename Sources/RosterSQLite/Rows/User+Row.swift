import GRDB
import RosterModel
import RosterStore

extension User {
    /// Reads users, with the columns of `UserColumn` and the checksum.
    static let select = "SELECT \(UserColumn.list), checksum FROM users"

    /// How many columns `select` reads, and `insert` writes.
    static let columnCount = UserColumn.allCases.count + 1

    /// Inserts a user that never existed.
    static let insert =
        "INSERT INTO users (\(UserColumn.list), checksum) VALUES (\(databaseQuestionMarks(count: columnCount)))"

    /// Inserts a user, or replaces the row with the same `hpcuser_id`, a tombstone included.
    static let upsert = """
        \(insert) ON CONFLICT (\(UserColumn.id.name)) DO UPDATE SET \(UserColumn.assignments),
        checksum = excluded.checksum
        """

    /// The values of `insert` and `upsert`.
    func arguments(revision: Revision, deletedTime: Timestamp? = nil) -> StatementArguments {
        var values = UserArguments()
        writeColumns(to: &values, revision: revision, deletedTime: deletedTime)
        return StatementArguments(values.values + [values.checksum.value.databaseValue])
    }
}

private struct UserArguments: UserColumnWriter {
    private(set) var values: [DatabaseValue] = []
    private(set) var checksum = RowChecksum()

    mutating func write(_ text: String?, to column: UserColumn) {
        values.append(text.databaseValue)
        checksum.add(text)
    }

    mutating func write(_ number: Int64?, to column: UserColumn) {
        values.append(number.databaseValue)
        checksum.add(number)
    }
}
