import GRDB
import RosterModel
package import RosterStore

extension SQLiteStore {
    /// Checks the file's structure, the references between its tables, and the checksum of every row.
    /// - Returns: a line for each thing that is damaged, at most `limit` for each kind of damage.
    /// - Throws: `unavailable` if the file cannot be read.
    package func damages(limit: Int = 100) async throws(StoreError) -> [String] {
        try await read { db in
            var damages = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(limit))")
                .filter { $0 != "ok" }.map { "the file: \($0.sanitizedForDisplay(limit: 200))" }
            for violation in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(limit) {
                let (table, parent) = (violation[0] as String, violation[2] as String)
                damages.append("\(table): a row refers to a row of \(parent) that does not exist")
            }
            for table in ChecksummedTable.all { damages += try db.damagedRows(in: table, limit: limit) }
            let missing = try Self.missingUsers(db, limit: limit)
            if !missing.isEmpty { damages.append(Self.missingUsers(Int64(missing.count))) }
            return damages
        }
    }

    /// Takes the rows as they are: makes the indexes anew, removes members that are no users from groups, and
    /// records of deletions that belong to no users, gives each row
    /// the checksum of its values, and closes the gaps that missing users left.
    /// - Throws: `damaged` if the file's structure is damaged, in which case nothing changes.
    package func acceptRows() async throws(StoreError) {
        do {
            try await pool.write { db in
                try db.execute(sql: "REINDEX")
                let faults = try String.fetchAll(db, sql: "PRAGMA integrity_check(5)").filter { $0 != "ok" }
                guard faults.isEmpty else {
                    throw StoreError.damaged(rows: faults.map { $0.sanitizedForDisplay(limit: 200) })
                }
                try db.execute(
                    sql: """
                        DELETE FROM group_members WHERE hpcuser_id NOT IN (SELECT hpcuser_id FROM users);
                        DELETE FROM deletion_records WHERE hpcuser_id NOT IN (SELECT hpcuser_id FROM users);
                        """)
                for table in ChecksummedTable.all {
                    try db.execute(
                        sql: """
                            UPDATE \(table.name) SET checksum = \(table.expression)
                            WHERE checksum IS NOT \(table.expression)
                            """)
                }
                while case let missing = try Self.missingUsers(db, limit: 1000), !missing.isEmpty {
                    for number in missing {
                        try db.run(
                            """
                            UPDATE users SET rowid = ?1 WHERE rowid = (SELECT max(rowid) FROM users) AND rowid > ?1
                            """,
                            [number])
                    }
                }
            }
        } catch {
            throw StoreError(translating: error)
        }
    }

    /// A line for an administrator.
    static func missingUsers(_ count: Int64) -> String {
        "users: \(count) \(count == 1 ? "row is" : "rows are") missing"
    }

    /// The row numbers that are missing among those of users, the first `limit` of them.
    private static func missingUsers(_ db: Database, limit: Int) throws -> [Int64] {
        let numbers = try Int64.fetchCursor(db, sql: "SELECT rowid FROM users ORDER BY rowid")
        var missing: [Int64] = []
        var expected: Int64 = 1
        while missing.count < limit, let number = try numbers.next() {
            while expected < number, missing.count < limit {
                missing.append(expected)
                expected += 1
            }
            expected = number + 1
        }
        return missing
    }
}
