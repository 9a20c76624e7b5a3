import GRDB
import RosterModel
import RosterStore

extension User {
    /// Reads users, with the columns of `UserColumn`.
    static let select = "SELECT \(UserColumn.list) FROM users"

    /// Inserts a user that never existed.
    static let insert =
        "INSERT INTO users (\(UserColumn.list)) VALUES (\(databaseQuestionMarks(count: UserColumn.allCases.count)))"

    /// Inserts a user, or replaces the row with the same `hpcuser_id`, a tombstone included.
    static let upsert = "\(insert) ON CONFLICT (\(UserColumn.id.name)) DO UPDATE SET \(UserColumn.assignments)"

    /// The values of `insert` and `upsert`.
    func arguments(revision: Revision, deletedTime: Timestamp? = nil) -> StatementArguments {
        var values = UserArguments()
        writeColumns(to: &values, revision: revision, deletedTime: deletedTime)
        return StatementArguments(values.values)
    }
}

private struct UserArguments: UserColumnWriter {
    private(set) var values: [DatabaseValue] = []

    mutating func write(_ text: String?, to column: UserColumn) { values.append(text.databaseValue) }
    mutating func write(_ number: Int64?, to column: UserColumn) { values.append(number.databaseValue) }
}
