import GRDB
import GRDBSQLite
import RosterModel

/// A statement that is run many times: the texts of a row are copied side by side into one buffer and bound there, so
/// nothing is allocated per row. Every parameter must be bound before each run.
struct RawStatement: ~Copyable {
    private let statement: Statement
    private let handle: SQLiteStatement
    private let database: Database
    private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4096)
    private var used = 0
    /// The checksum of a user's columns, while they are bound.
    var checksum = RowChecksum()

    /// - Parameter parameters: how many parameters are bound before each run. An unbound one would be NULL, or keep its
    ///   last value.
    /// - Throws: if SQLite cannot prepare it.
    init(_ database: Database, _ sql: String, parameters: Int32) throws {
        self.database = database
        // Not a cached one: GRDB leaves a cached statement as it ended, in which state it takes no values.
        statement = try database.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        precondition(
            sqlite3_bind_parameter_count(handle) == parameters, "a statement has other parameters than are bound")
    }

    deinit {
        // The statement must not refer to the buffer any more.
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        buffer.deallocate()
    }

    func bind(_ index: Int32, _ number: Int64?) {
        if let number { sqlite3_bind_int64(handle, index, number) } else { sqlite3_bind_null(handle, index) }
    }

    mutating func bind(_ index: Int32, _ text: String?) {
        guard let text else {
            sqlite3_bind_null(handle, index)
            return
        }
        let isBound = text.utf8.withContiguousStorageIfAvailable { bytes in
            bind(index, bytes)
            return true
        }
        if isBound == nil { Array(text.utf8).withUnsafeBufferPointer { bind(index, $0) } }
    }

    private mutating func bind(_ index: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count <= buffer.count - used else {
            // A row with texts this long is rare: let SQLite make its own copy.
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            _ = bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), transient)
            }
            return
        }
        let place = UnsafeMutableBufferPointer(rebasing: buffer[used..<(used + bytes.count)])
        _ = place.update(from: bytes)
        used += bytes.count
        _ = place.withMemoryRebound(to: CChar.self) {
            sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), nil)
        }
    }

    /// Runs it with the bound values.
    /// - Returns: how many rows it changed.
    /// - Throws: SQLite's error.
    @discardableResult
    mutating func run() throws -> Int {
        used = 0
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE else {
            let connection = database.sqliteConnection
            let error = DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
                message: sqlite3_errmsg(connection).map { String(cString: $0) }, sql: statement.sql)
            sqlite3_reset(handle)
            throw error
        }
        sqlite3_reset(handle)
        return Int(sqlite3_changes(database.sqliteConnection))
    }
}
