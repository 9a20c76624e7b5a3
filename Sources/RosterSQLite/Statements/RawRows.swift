import GRDB
import GRDBSQLite
import RosterModel
import RosterStore

/// The rows of a query, one by one, with texts read in SQLite's own memory: for queries with many rows.
struct RawRows: ~Copyable {
    private let statement: Statement
    private let handle: SQLiteStatement
    private let database: Database

    /// - Parameters:
    ///   - columns: how many columns its rows are read with. SQLite answers NULL for a column that does not exist.
    ///   - arguments: the values of a cached statement; nil makes a statement for this one use.
    /// - Throws: if SQLite cannot prepare it.
    init(_ database: Database, _ sql: String, columns: Int, arguments: StatementArguments? = nil) throws {
        let statement = try arguments == nil ? database.makeStatement(sql: sql) : database.cachedStatement(sql: sql)
        if let arguments { try statement.setArguments(arguments) }
        self.database = database
        self.statement = statement
        handle = statement.sqliteStatement
        precondition(statement.columnCount == columns, "a query gives other columns than are read")
    }

    deinit {
        sqlite3_reset(handle)
    }

    /// Advances to the next row; false after the last one.
    /// - Throws: SQLite's error.
    mutating func next() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let connection = database.sqliteConnection
            throw DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
                message: sqlite3_errmsg(connection).map { String(cString: $0) }, sql: statement.sql)
        }
    }

    /// The text in `column` of the row, valid until the next row; empty for NULL.
    func text(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        // The text first: reading it may convert it, which changes its length.
        let start = sqlite3_column_text(handle, column)
        return UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
    }

    /// Whether the column after the first `count` has the checksum of those.
    func isIntact(_ count: Int32) -> Bool {
        var checksum = RowChecksum()
        for column in 0..<count { checksum.add(sqlite3_column_value(handle, column)) }
        return numberOrNil(count) == checksum.value
    }

    /// The number in `column` of the row; 0 for NULL.
    func number(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// The number in `column` of the row; nil for NULL.
    func numberOrNil(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, column)
    }
}

extension RawRows: UserColumnReader {
    /// Throws if a user's row, read by `User.select`, does not have the checksum of its columns.
    /// - Throws: `damaged`.
    func checkUser() throws(StoreError) {
        guard isIntact(Int32(UserColumn.allCases.count)) else {
            let id = String(decoding: text(UserColumn.id), as: UTF8.self).sanitizedForDisplay(limit: 80)
            throw .damaged(rows: ["users hpcuser_id \(id)"])
        }
    }

    func text(_ column: UserColumn) -> UserView.Text { text(Int32(column.rawValue)) }
    func number(_ column: UserColumn) -> Int64? { numberOrNil(Int32(column.rawValue)) }
}
