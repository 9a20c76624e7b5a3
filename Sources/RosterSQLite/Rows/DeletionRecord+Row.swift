import GRDB
import RosterModel
import RosterStore

extension DeletionRecord {
    /// The records of all deleted users.
    static func fetch(_ db: Database) throws -> [DeletionRecord] {
        try db.all(select, []) { try checked($0) }
    }

    /// The record of the deletion of a user at `time`; nil if there is none.
    static func fetch(_ db: Database, of user: HPCUserID, at time: Timestamp) throws -> DeletionRecord? {
        try db.firstRow("\(select) WHERE hpcuser_id = ? AND deleted_time = ?", [user.text, time.seconds])
            .map { try checked($0) }
    }

    private static let select = """
        SELECT hpcuser_id, deleted_time, password_hash, gids, checksum IS \(ChecksummedTable.deletions.expression)
        FROM deletion_records
        """

    /// - Parameter row: of `select`.
    /// - Throws: `damaged` if the row does not have its checksum.
    private static func checked(_ row: Row) throws -> DeletionRecord {
        guard row[4] as Bool else {
            let id = "\(row[0] as DatabaseValue)".sanitizedForDisplay(limit: 80)
            throw StoreError.damaged(rows: ["deletion_records hpcuser_id \(id)"])
        }
        return DeletionRecord(user: HPCUserID(stored: row[0]), time: row[1], password: row[2], groupsText: row[3])
    }

    /// Writes the record in place of an earlier one of the same user.
    func upsert(_ db: Database) throws {
        try db.run(
            "\(Self.insert) VALUES (?1, ?2, ?3, ?4, roster_checksum(?1, ?2, ?3, ?4))",
            [user.text, time.seconds, password?.text, groupsText])
    }

    /// Writes the record of a user whose password is still in its row.
    static func upsert(_ db: Database, of user: HPCUserID, at time: Timestamp, groupsText: String) throws {
        try db.run(
            """
            \(insert) SELECT hpcuser_id, ?2, password_hash, ?3, roster_checksum(hpcuser_id, ?2, password_hash, ?3)
            FROM users WHERE hpcuser_id = ?1
            """,
            [user.text, time.seconds, groupsText])
    }

    private static let insert =
        "INSERT OR REPLACE INTO deletion_records (hpcuser_id, deleted_time, password_hash, gids, checksum)"
}

extension DeletedUser {
    /// The users that were removed from `cluster` under a name, the last removed first.
    static func fetch(
        _ db: Database, named name: String, id: HPCUserID?, in cluster: ClusterID, limit: Int
    ) throws -> [DeletedUser] {
        var rows = try RawRows(
            db,
            """
            \(User.select) WHERE cluster_id = ?1 AND name_key = ?2 AND deleted_time IS NOT NULL
            AND (?3 IS NULL OR hpcuser_id = ?3) ORDER BY deleted_time DESC, revision DESC, hpcuser_id LIMIT ?4
            """,
            columns: User.columnCount, arguments: [cluster.text, Username.key(of: name), id?.text, limit])
        var found: [(user: User, time: Timestamp)] = []
        while try rows.next() {
            try rows.checkUser()
            guard let time = rows.deletedTime else { continue }
            found.append((User(UserView(columns: rows)), time))
        }
        return try found.map { user, time in
            let record = try DeletionRecord.fetch(db, of: user.id, at: time)
            var names: [UInt32: String] = [:]
            for gid in record?.groups ?? [] {
                let row = try db.firstRow(
                    "SELECT name FROM groups WHERE cluster_id = ? AND gid_number = ?", [cluster.text, Int64(gid)])
                names[gid] = row?[0]
            }
            return DeletedUser(user: user, time: time, record: record, groupNames: names)
        }
    }
}
