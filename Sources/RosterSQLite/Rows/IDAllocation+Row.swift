import GRDB
import RosterModel
import RosterStore

extension IDAllocation {
    /// The ledger of a cluster, by kind and number.
    static func fetch(_ db: Database, of cluster: ClusterID) throws -> [IDAllocation] {
        let rows = try Row.fetchCursor(db, sql: "\(selectOfCluster) ORDER BY kind, number", arguments: [cluster.text])
        var allocations: [IDAllocation] = []
        while let row = try rows.next() {
            if let allocation = try checked(row, of: cluster) { allocations.append(allocation) }
        }
        return allocations
    }

    /// The allocation of one number, found by the ledger's primary key.
    static func fetch(_ db: Database, of cluster: ClusterID, kind: Kind, number: UInt32) throws -> IDAllocation? {
        try db.firstRow(selectOfNumber, [cluster.text, kind.rawValue, Int64(number)]).flatMap {
            try checked($0, of: cluster)
        }
    }

    private static let selectOfCluster = """
        SELECT kind, number, name, holder, from_time, until_time, checksum IS \(ChecksummedTable.ledger.expression)
        FROM number_ledger WHERE cluster_id = ?
        """

    /// - Parameter row: of `selectOfCluster`.
    /// - Throws: `damaged` if the row does not have its checksum: a number must not be given on such a row's word.
    private static func checked(_ row: Row, of cluster: ClusterID) throws -> IDAllocation? {
        guard row[6] as Bool else {
            let number = "\(row[0] as DatabaseValue) \(row[1] as DatabaseValue)".sanitizedForDisplay(limit: 40)
            throw StoreError.damaged(rows: ["number_ledger cluster_id \(cluster), \(number)"])
        }
        return IDAllocation(row, of: cluster)
    }

    private static let selectOfNumber = "\(selectOfCluster) AND kind = ? AND number = ?"

    /// - Parameter row: of `selectOfCluster`.
    private init?(_ row: Row, of cluster: ClusterID) {
        guard let kind = Kind(rawValue: row[0]) else { return nil }
        self.init(
            cluster: cluster, kind: kind, number: row[1], name: row[2], holder: row[3],
            from: Timestamp(seconds: row[4]), until: (row[5] as Int64?).map { Timestamp(seconds: $0) })
    }

    /// Allocates a number that was never allocated, or sets until when it was used. The holder never changes: a number
    /// is allocated once.
    static let upsert = """
        INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time, until_time, checksum)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, roster_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7))
        ON CONFLICT (cluster_id, kind, number) DO UPDATE SET until_time = excluded.until_time,
        checksum = roster_checksum(cluster_id, kind, number, name, holder, from_time, excluded.until_time)
        """

    func upsert(_ db: Database) throws {
        try db.run(
            Self.upsert,
            [cluster.text, kind.rawValue, Int64(number), name, holder, from.seconds, until?.seconds])
    }
}
