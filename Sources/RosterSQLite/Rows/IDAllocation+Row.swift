import GRDB
import RosterModel
import RosterStore

extension IDAllocation {
    /// The ledger of a cluster, by kind and number.
    static func fetch(_ db: Database, of cluster: ClusterID) throws -> [IDAllocation] {
        try Row.fetchAll(
            db, sql: "\(selectOfCluster) ORDER BY kind, number", arguments: [cluster.text]
        ).compactMap { IDAllocation($0, of: cluster) }
    }

    /// The allocation of one number, found by the ledger's primary key.
    static func fetch(_ db: Database, of cluster: ClusterID, kind: Kind, number: UInt32) throws -> IDAllocation? {
        try Row.fetchOne(
            db, sql: "\(selectOfCluster) AND kind = ? AND number = ?",
            arguments: [cluster.text, kind.rawValue, Int64(number)]
        ).flatMap { IDAllocation($0, of: cluster) }
    }

    private static let selectOfCluster =
        "SELECT kind, number, name, holder, from_time, until_time FROM number_ledger WHERE cluster_id = ?"

    /// - Parameter row: of `selectOfCluster`.
    private init?(_ row: Row, of cluster: ClusterID) {
        guard let kind = Kind(rawValue: row[0]) else { return nil }
        self.init(
            cluster: cluster, kind: kind, number: row[1], name: row[2], holder: row[3],
            from: Timestamp(seconds: row[4]), until: (row[5] as Int64?).map { Timestamp(seconds: $0) })
    }

    /// Gives a number, or gives it back to the same user; a number of anybody else is left alone and counts no change.
    static let giveUID = """
        INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time) VALUES (?, 'uid', ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET until_time = NULL WHERE holder = excluded.holder
        """

    /// Who was given the number of `user`, which `giveUID` left alone.
    static func taken(_ user: User, _ db: Database) throws -> StoreError {
        let row = try db.firstRow(
            """
            SELECT name, from_time, until_time FROM number_ledger
            WHERE cluster_id = ? AND kind = 'uid' AND number = ?
            """,
            [user.cluster.text, Int64(user.uidNumber)])
        guard let row else { return .unavailable(cause: "the ledger refused uid \(user.uidNumber), which it lacks") }
        return .numberTaken(
            user.uidNumber, holder: row[0], from: Timestamp(seconds: row[1]),
            until: (row[2] as Int64?).map { Timestamp(seconds: $0) })
    }

    struct GID: Hashable {
        let cluster: ClusterID
        let number: UInt32

        init(cluster: ClusterID, number: UInt32) {
            self.cluster = cluster
            self.number = number
        }

        init(_ key: Group.Key) {
            self.init(cluster: key.cluster, number: key.gidNumber)
        }

        /// A gid is shared, so it has no single holder: the first name it was given under is kept.
        /// - Returns: whether it was never given before.
        @discardableResult
        func give(_ db: Database, name: String, time: Timestamp) throws -> Bool {
            try db.run(
                """
                INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time)
                VALUES (?, 'gid', ?, ?, '', ?) ON CONFLICT DO NOTHING
                """,
                [cluster.text, Int64(number), name, time.seconds])
            return db.changesCount == 1
        }

        /// Its group is there, again perhaps.
        func reactivate(_ db: Database) throws {
            try db.run(
                """
                UPDATE number_ledger SET until_time = NULL
                WHERE cluster_id = ? AND kind = 'gid' AND number = ? AND until_time IS NOT NULL
                """,
                [cluster.text, Int64(number)])
        }

        /// Its group is removed.
        func end(_ db: Database, time: Timestamp) throws {
            try db.run(
                "UPDATE number_ledger SET until_time = ? WHERE cluster_id = ? AND kind = 'gid' AND number = ?",
                [time.seconds, cluster.text, Int64(number)])
        }

        /// Who was given the gid, which `give` left alone.
        func taken(_ db: Database) throws -> StoreError {
            let row = try db.firstRow(
                """
                SELECT name, from_time, until_time FROM number_ledger
                WHERE cluster_id = ? AND kind = 'gid' AND number = ?
                """,
                [cluster.text, Int64(number)])
            guard let row else { return .unavailable(cause: "the ledger refused gid \(number), which it lacks") }
            return .numberTaken(
                number, kind: .gid, holder: row[0], from: Timestamp(seconds: row[1]),
                until: (row[2] as Int64?).map { Timestamp(seconds: $0) })
        }
    }
}
