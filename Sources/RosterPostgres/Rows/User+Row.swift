import RosterModel
import RosterStore

extension User {
    /// Reads users, with the columns of `UserColumn`.
    static let select = "SELECT \(UserColumn.list) FROM users"
}

extension CopiedRow: UserColumnReader {
    func text(_ column: UserColumn) -> UserView.Text { self[column.rawValue] }

    func number(_ column: UserColumn) -> Int64? {
        let value = self[column.rawValue]
        return value.baseAddress == nil ? nil : value.bigEndianNumber
    }
}

/// One of the rows that `User.select` returns.
struct UserRow: UserColumnReader {
    let rows: Rows
    let index: Int

    func text(_ column: UserColumn) -> UserView.Text { rows.bytes(index, column.rawValue) }
    func number(_ column: UserColumn) -> Int64? { rows.numberOrNil(index, column.rawValue) }
}

/// Users to write, as one array parameter per column.
struct UserRows: UserColumnWriter {
    private(set) var count = 0
    private var columns = UserColumn.allCases.map { ArrayParameter($0.isText ? .text : .number) }

    mutating func add(_ user: User, revision: Revision, deletedTime: Timestamp? = nil) {
        count += 1
        user.writeColumns(to: &self, revision: revision, deletedTime: deletedTime)
    }

    mutating func write(_ text: String?, to column: UserColumn) { columns[column.rawValue].append(text) }
    mutating func write(_ number: Int64?, to column: UserColumn) { columns[column.rawValue].append(number) }

    /// Inserts users that never existed.
    var insert: Statement { Statement(Self.insertSQL, columns.map(\.parameter)) }

    /// Inserts users, or replaces the rows with the same `hpcuser_id`, tombstones included.
    var upsert: Statement { Statement(Self.upsertSQL, columns.map(\.parameter)) }

    private static let insertSQL = "INSERT INTO users (\(UserColumn.list)) SELECT * FROM unnest(\(parameterList))"

    private static let upsertSQL =
        "\(insertSQL) ON CONFLICT (\(UserColumn.id.name)) DO UPDATE SET \(UserColumn.assignments)"

    private static let parameterList = UserColumn.allCases.map { column in
        "$\(column.rawValue + 1)::\(column.isText ? "text" : "bigint")[]"
    }.joined(separator: ", ")
}
