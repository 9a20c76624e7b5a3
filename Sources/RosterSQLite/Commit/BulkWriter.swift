import GRDB
import RosterModel
import RosterStore

/// Writes many users without reading their rows first. The connection's foreign keys are off meanwhile; the caller has
/// checked that the clusters exist.
///
/// The keys of the tables enforce the rules of `ChangeApplier` here, but cannot tell which rule a change breaks.
struct BulkWriter {
    let db: Database
    let revision: Revision
    let time: Timestamp
    /// Called with how many users were written so far.
    let progress: (Int) -> Void

    /// A key of the tables refused a row. The caller must roll back and write the change with another strategy.
    struct ConflictError: Error {}

    /// Writes users, each of which may be new, present or removed.
    /// - Throws: `ConflictError` if a name or uid is another user's.
    func upsert(_ users: [User]) throws {
        var upsert = try RawStatement(db, User.upsert, parameters: Int32(User.columnCount))
        var allocation = try RawStatement(db, Self.allocateUID, parameters: 5)
        do {
            for index in users.indices {
                if index % 10_000 == 0 { progress(index) }
                let user = users[index]
                upsert.bind(user, revision: revision)
                try upsert.run()
                allocation.bind(1, user.cluster.text)
                allocation.bind(2, Int64(user.uidNumber))
                allocation.bind(3, user.username.text)
                allocation.bind(4, user.id.text)
                allocation.bind(5, time.seconds)
                guard try allocation.run() == 1 else { throw ConflictError() }
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw ConflictError()
        }
        try allocateGIDs(of: users)
        try db.run(
            """
            DELETE FROM deletion_records WHERE hpcuser_id IN
            (SELECT d.hpcuser_id FROM deletion_records d JOIN users u ON u.hpcuser_id = d.hpcuser_id
            WHERE u.deleted_time IS NULL)
            """)
    }

    /// Allocates a uid, or renews its holder's allocation. A uid of another holder is unchanged, and the statement
    /// reports no changed row.
    private static let allocateUID = """
        INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time, checksum)
        VALUES (?1, 'uid', ?2, ?3, ?4, ?5, roster_checksum(?1, 'uid', ?2, ?3, ?4, ?5, NULL))
        ON CONFLICT DO UPDATE SET until_time = NULL,
        checksum = roster_checksum(cluster_id, kind, number, name, holder, from_time, NULL)
        WHERE holder = excluded.holder
        """

    /// Whether `insert` pays off and can succeed: there are few users so far, and none of `users` is among them.
    func mayInsert(_ users: [User]) throws -> Bool {
        let few = users.count / 8
        let present = try String.fetchSet(db, sql: "SELECT hpcuser_id FROM users LIMIT ?", arguments: [few + 1])
        return present.count <= few && (present.isEmpty || !users.contains { present.contains($0.id.text) })
    }

    /// Writes users that never existed. The indexes of their table are dropped and rebuilt at the end, and the ledger
    /// is written from the table, both from sorted keys; row by row would take longer (docs/decisions/0004).
    /// - Throws: `ConflictError` if an identifier, name or uid exists already.
    func insert(_ users: [User]) throws {
        let indexes = try Row.fetchAll(
            db,
            sql: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'users' AND sql IS NOT NULL")
        for index in indexes { try db.execute(sql: "DROP INDEX \(index[0] as String)") }
        var insert = try RawStatement(db, User.insert, parameters: Int32(User.columnCount))
        do {
            for index in users.indices {
                // Counts half: the rest takes as long again.
                if index % 10_000 == 0 { progress(index / 2) }
                insert.bind(users[index], revision: revision)
                try insert.run()
            }
            try allocateGIDs(of: users)
            // In key order of the ledger, so that its tree grows only at its end.
            try db.execute(
                sql: """
                    INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time, checksum)
                    SELECT cluster_id, 'uid', uid_number, username, hpcuser_id, ?1,
                    roster_checksum(cluster_id, 'uid', uid_number, username, hpcuser_id, ?1, NULL)
                    FROM users NOT INDEXED WHERE revision = ?2 ORDER BY cluster_id, uid_number
                    """,
                arguments: [time.seconds, revision.number])
            progress(users.count / 4 * 3)
            for index in indexes { try db.execute(sql: index[1]) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw ConflictError()
        }
    }

    private func allocateGIDs(of users: [User]) throws {
        var seen: Set<AllocationKey> = []
        var last: AllocationKey?
        for index in users.indices {
            let key = AllocationKey(cluster: users[index].cluster, kind: .gid, number: users[index].gidNumber)
            guard key != last else { continue }
            last = key
            guard seen.insert(key).inserted else { continue }
            try db.run(
                """
                INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time, checksum)
                VALUES (?1, 'gid', ?2, ?3, '', ?4, roster_checksum(?1, 'gid', ?2, ?3, '', ?4, NULL))
                ON CONFLICT DO NOTHING
                """,
                [key.cluster.text, Int64(key.number), users[index].username.text, time.seconds])
        }
    }
}

extension RawStatement: UserColumnWriter {
    /// Binds the columns of a user that exists, and their checksum.
    mutating func bind(_ user: User, revision: Revision) {
        checksum = RowChecksum()
        user.writeColumns(to: &self, revision: revision, deletedTime: nil)
        bind(Int32(User.columnCount), checksum.value)
    }

    mutating func write(_ text: String?, to column: UserColumn) {
        bind(Int32(column.rawValue + 1), text)
        checksum.add(text)
    }

    mutating func write(_ number: Int64?, to column: UserColumn) {
        bind(Int32(column.rawValue + 1), number)
        checksum.add(number)
    }
}
