import GRDB
import RosterModel
import RosterStore

extension LoginRecord {
    /// Writes the record, unless the store has a later one.
    /// - Parameter time: the store's clock, in seconds.
    func merge(_ db: Database, writtenAt time: Int64) throws {
        try db.run(
            """
            INSERT INTO logins (hpcuser_id, outcome, time, server, write_time, checksum)
            VALUES (?1, ?2, ?3, ?4, ?5, \(RowChecksum.function)(?1, ?2, ?3, ?4, ?5))
            ON CONFLICT (hpcuser_id, outcome) DO UPDATE SET time = excluded.time, server = excluded.server,
            write_time = excluded.write_time, checksum = excluded.checksum WHERE excluded.time >= logins.time
            """,
            [user.text, outcome.rawValue, self.time.seconds, server.rawValue, time])
    }
}

extension LoginHistory {
    /// The store's clock, in seconds.
    static func clock(_ db: Database) throws -> Int64 {
        try db.firstRow("SELECT CAST(strftime('%s', 'now') AS INTEGER)")?[0] ?? 0
    }

    /// Since when logins are recorded.
    static func since(_ db: Database) throws -> Timestamp {
        Timestamp(seconds: try db.firstRow("SELECT number FROM meta WHERE name = ?", [sinceName])?[0] ?? 0)
    }

    /// Sets since when logins are recorded.
    static func set(since time: Timestamp, _ db: Database) throws {
        try db.run("UPDATE meta SET number = ? WHERE name = ?", [time.seconds, sinceName])
    }

    /// What was written since `mark`; everything if it is nil.
    /// - Throws: `damaged` if a row does not have its checksum.
    static func fetch(_ db: Database, since mark: Int64?) throws -> LoginHistory {
        let clock = try clock(db)
        let logins = try db.all(
            """
            SELECT hpcuser_id, outcome, time, server, checksum IS \(ChecksummedTable.logins.expression) FROM logins
            WHERE write_time >= ?
            """, [start(after: mark)]
        ) { row in
            guard row[4] as Bool else { throw StoreError.damaged(rows: [ChecksummedTable.logins.describe(row)]) }
            return LoginRecord(storedUser: row[0], outcome: row[1], seconds: row[2], server: row[3])
        }
        return LoginHistory(since: try since(db), logins: logins, mark: clock)
    }
}
