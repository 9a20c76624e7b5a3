import RosterModel
import RosterStore

extension DeletionRecord {
    /// The records of all deleted users.
    static let select = "SELECT hpcuser_id, deleted_time, password_hash, gids FROM deletion_records"

    /// Deletes the records of the users $1.
    static let delete = "DELETE FROM deletion_records WHERE hpcuser_id = ANY($1::text[])"

    /// - Parameter rows: of `select`.
    init(_ rows: Rows, _ row: Int) {
        self.init(
            user: HPCUserID(stored: rows.text(row, 0)), time: rows.number(row, 1), password: rows.textOrNil(row, 2),
            groupsText: rows.text(row, 3))
    }
}

/// Records of deletions to write, as columns. A record replaces an earlier one of the same user.
struct DeletionRows {
    private(set) var count = 0
    private var (ids, times, groups) = (ArrayParameter(.text), ArrayParameter(.number), ArrayParameter(.text))
    private var passwords = ArrayParameter(.text)

    mutating func add(_ record: DeletionRecord) {
        count += 1
        ids.append(record.user.text)
        times.append(record.time.seconds)
        groups.append(record.groupsText)
        passwords.append(record.password?.text)
    }

    /// Writes the records as they are.
    var upsert: Statement {
        Statement(
            """
            INSERT INTO deletion_records (hpcuser_id, deleted_time, gids, password_hash)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) \(Self.replacing)
            """,
            [ids.parameter, times.parameter, groups.parameter, passwords.parameter])
    }

    /// Writes the records with the passwords that are still in the users' rows.
    var upsertWithPresentPasswords: Statement {
        Statement(
            """
            INSERT INTO deletion_records (hpcuser_id, deleted_time, gids, password_hash)
            SELECT w.id, w.time, w.gids, u.password_hash
            FROM unnest($1::text[], $2::bigint[], $3::text[]) AS w (id, time, gids)
            JOIN users u ON u.hpcuser_id = w.id \(Self.replacing)
            """,
            [ids.parameter, times.parameter, groups.parameter])
    }

    private static let replacing = """
        ON CONFLICT (hpcuser_id) DO UPDATE SET deleted_time = excluded.deleted_time, gids = excluded.gids,
        password_hash = excluded.password_hash
        """
}

extension DeletedUser {
    /// The users that were removed from `cluster` under a name, the last removed first. Call it in a transaction that
    /// sees one state.
    static func fetch(
        _ connection: ServerConnection, named name: String, id: HPCUserID?, in cluster: ClusterID, limit: Int
    ) throws -> [DeletedUser] {
        let found = try connection.run(
            """
            \(User.select) WHERE cluster_id = $1::text AND name_key = $2::text AND deleted_time IS NOT NULL
            AND ($3::text IS NULL OR hpcuser_id = $3::text)
            ORDER BY deleted_time DESC, revision DESC, hpcuser_id LIMIT $4::bigint
            """,
            [.text(cluster.text), .text(Username.key(of: name)), .text(id?.text), .number(Int64(limit))])
        let users = found.indices.compactMap { index -> (user: User, time: Timestamp)? in
            let row = UserRow(rows: found, index: index)
            return row.deletedTime.map { (User(UserView(columns: row)), $0) }
        }
        let rows = try connection.run(
            "\(DeletionRecord.select) WHERE hpcuser_id = ANY($1::text[])", [.texts(users.map(\.user.id.text))])
        let records = Dictionary(rows.indices.map { DeletionRecord(rows, $0) }.map { ($0.user, $0) }) { $1 }
        let groups = try connection.run(
            "SELECT gid_number, name FROM groups WHERE cluster_id = $1::text AND gid_number = ANY($2::bigint[])",
            [.text(cluster.text), .numbers(Set(records.values.flatMap(\.groups)).map { Int64($0) })])
        let names = Dictionary(
            groups.indices.map { (UInt32(truncatingIfNeeded: groups.number($0, 0)), groups.text($0, 1)) }
        ) { $1 }
        return users.map { user, time in
            let record = records[user.id].flatMap { $0.time == time ? $0 : nil }
            return DeletedUser(
                user: user, time: time, record: record,
                groupNames: names.filter { record?.groups.contains($0.key) ?? false })
        }
    }
}
