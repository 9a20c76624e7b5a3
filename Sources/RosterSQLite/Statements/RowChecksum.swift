import GRDB
import GRDBSQLite
import RosterModel
import RosterStore

/// A checksum of a row's values, in the order in which they are added, stored with the row: it detects bytes that changed
/// on the disk. It is no protection against somebody who can write the file.
///
/// Stores keep the results, so the function never changes.
struct RowChecksum {
    private var state: UInt64 = 0x243F_6A88_85A3_08D3

    /// The checksum of what was added so far.
    var value: Int64 { Int64(bitPattern: state) }

    mutating func add(_ number: Int64?) {
        guard let number else { return mix(0) }
        mix(1)
        mix(UInt64(bitPattern: number))
    }

    mutating func add(_ text: String?) {
        guard let text else { return mix(0) }
        let isAdded = text.utf8.withContiguousStorageIfAvailable { bytes in
            add(UnsafeRawBufferPointer(bytes), kind: Self.text)
            return true
        }
        if isAdded == nil { Array(text.utf8).withUnsafeBytes { add($0, kind: Self.text) } }
    }

    /// Adds a value of SQLite's, without converting it.
    /// - Parameter value: of a function's argument, or of a row's column.
    mutating func add(_ value: OpaquePointer?) {
        switch sqlite3_value_type(value) {
        case SQLITE_NULL: mix(0)
        case SQLITE_INTEGER: add(sqlite3_value_int64(value))
        case SQLITE_TEXT:
            let start = sqlite3_value_text(value)
            add(
                UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value))),
                kind: Self.text)
        default:
            let start = sqlite3_value_blob(value)
            add(
                UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value))),
                kind: Self.bytes)
        }
    }

    private static let text: UInt64 = 2
    private static let bytes: UInt64 = 3

    private mutating func add(_ bytes: UnsafeRawBufferPointer, kind: UInt64) {
        mix(UInt64(bytes.count) << 2 | kind)
        var place = 0
        while place + 8 <= bytes.count {
            mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
        }
        guard place < bytes.count else { return }
        var word: UInt64 = 0
        for byte in bytes[place...].reversed() { word = word << 8 | UInt64(byte) }
        mix(word)
    }

    /// Two halves of a product, so that each bit of a word affects every bit of the state.
    private mutating func mix(_ word: UInt64) {
        let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        state = (product.high ^ product.low) &+ 0x1319_8A2E_0370_7345
    }

    /// The name of the SQL function with the same result: `roster_checksum(value, …)`.
    static let function = "roster_checksum"

    /// Makes the SQL function known to a connection.
    /// - Throws: SQLite's error.
    static func register(in db: Database) throws {
        let code = sqlite3_create_function_v2(
            db.sqliteConnection, function, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil,
            { context, count, values in
                var checksum = RowChecksum()
                for index in 0..<Int(count) { checksum.add(values?[index]) }
                sqlite3_result_int64(context, checksum.value)
            }, nil, nil, nil)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}

/// A table whose rows have a checksum, in the column `checksum`.
struct ChecksummedTable: Sendable {
    let name: String
    /// The columns of its primary key, or of what identifies a row.
    let key: [String]
    /// All columns but the checksum, in the order in which it is made.
    let columns: String

    /// The expression of the checksum of a row of the table.
    var expression: String { "\(RowChecksum.function)(\(columns))" }

    /// Renews the checksum of the row with a key.
    var update: String {
        "UPDATE \(name) SET checksum = \(expression) WHERE \(key.map { "\($0) = ?" }.joined(separator: " AND "))"
    }

    static let users = ChecksummedTable(name: "users", key: ["hpcuser_id"], columns: UserColumn.list)
    static let clusters = ChecksummedTable(
        name: "clusters", key: ["cluster_id"],
        columns: """
            cluster_id, name, zone, cluster_type, nas_mount_point, home_template, login_shell, uid_first, uid_last,
            description, name_rule, password_rule, create_time, revision
            """)
    static let groups = ChecksummedTable(
        name: "groups", key: ["cluster_id", "gid_number"],
        columns: """
            cluster_id, gid_number, name, name_key, is_primary, revision, deleted_time, member_groups, member_names,
            create_time, update_time
            """)
    static let members = ChecksummedTable(
        name: "group_members", key: ["cluster_id", "gid_number", "hpcuser_id"],
        columns: "cluster_id, gid_number, hpcuser_id")
    static let ledger = ChecksummedTable(
        name: "number_ledger", key: ["cluster_id", "kind", "number"],
        columns: "cluster_id, kind, number, name, holder, from_time, until_time")
    static let keys = ChecksummedTable(
        name: "access_keys", key: ["access_key_id"],
        columns: """
            access_key_id, kind, user_id, cluster_id, seal_version, sealed_secret, create_time, revoke_time, revision
            """)
    static let mapEntries = ChecksummedTable(
        name: "map_entries", key: ["cluster_id", "place_key"],
        columns: """
            cluster_id, place_key, kind, place, attributes, create_time, update_time, revision, deleted_time
            """)
    static let attributes = ChecksummedTable(
        name: "attribute_declarations", key: ["name_key"],
        columns: "name_key, name, oid, syntax, is_multiple, is_searchable, create_time, remove_time, revision")

    static let deletions = ChecksummedTable(
        name: "deletion_records", key: ["hpcuser_id"], columns: "hpcuser_id, deleted_time, password_hash, gids")

    static let logins = ChecksummedTable(
        name: "logins", key: ["hpcuser_id", "outcome"], columns: "hpcuser_id, outcome, time, server, write_time")

    /// Every table with checksums.
    static let all = [clusters, users, deletions, groups, members, mapEntries, keys, attributes, ledger, logins]
}

extension Database {
    /// Renews the checksum of a row that was just written.
    func renewChecksum(in table: ChecksummedTable, _ key: StatementArguments) throws {
        try run(table.update, key)
    }

    /// The rows of `table` whose checksum is not that of their values, as the table's name and the row's key.
    func damagedRows(in table: ChecksummedTable, limit: Int) throws -> [String] {
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT \(table.key.joined(separator: ", ")) FROM \(table.name)
                WHERE checksum IS NOT \(table.expression) LIMIT ?
                """,
            arguments: [limit])
        var damaged: [String] = []
        while let row = try rows.next() { damaged.append(table.describe(row)) }
        return damaged
    }
}

extension ChecksummedTable {
    /// One line that names a row. Damaged text may hold anything, so it is cleaned.
    /// - Parameter row: of the columns of `key`.
    func describe(_ row: Row) -> String {
        let values = row.databaseValues.map { "\($0)".sanitizedForDisplay(limit: 80) }
        return "\(name) " + zip(key, values).map { "\($0) \($1)" }.joined(separator: ", ")
    }
}
