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
        try db.firstRow(selectOfNumber, [cluster.text, kind.rawValue, Int64(number)]).flatMap {
            IDAllocation($0, of: cluster)
        }
    }

    private static let selectOfCluster =
        "SELECT kind, number, name, holder, from_time, until_time FROM number_ledger WHERE cluster_id = ?"

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
        INSERT INTO number_ledger (cluster_id, kind, number, name, holder, from_time, until_time)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (cluster_id, kind, number) DO UPDATE SET until_time = excluded.until_time
        """

    func upsert(_ db: Database) throws {
        try db.run(
            Self.upsert,
            [cluster.text, kind.rawValue, Int64(number), name, holder, from.seconds, until?.seconds])
    }
}
