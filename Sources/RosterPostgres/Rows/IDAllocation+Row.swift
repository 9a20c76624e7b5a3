import RosterModel

extension IDAllocation {
    static let selectAll = "SELECT cluster_id, kind, number, name, holder, from_time, until_time FROM number_ledger"
    static let columnCount = 7

    /// The ledger of the cluster $1, by kind and number.
    static let selectOfCluster = selectAll + " WHERE cluster_id = $1::text ORDER BY kind, number"

    /// The allocation of the number $3 of the kind $2 in the cluster $1.
    static let selectOfNumber =
        selectAll + " WHERE cluster_id = $1::text AND kind = $2::text AND number = $3::bigint"

    /// - Parameter row: of `selectAll`.
    init?(_ row: borrowing CopiedRow) {
        func text(_ column: Int) -> String { String(decoding: row[column], as: UTF8.self) }
        guard let kind = Kind(rawValue: text(1)) else { return nil }
        self.init(
            cluster: ClusterID(stored: text(0)), kind: kind, number: UInt32(truncatingIfNeeded: row[2].bigEndianNumber),
            name: text(3), holder: text(4), from: Timestamp(seconds: row[5].bigEndianNumber),
            until: row[6].baseAddress == nil ? nil : Timestamp(seconds: row[6].bigEndianNumber))
    }

    /// - Parameter rows: the first columns are `cluster_id, kind, number, name, holder, from_time, until_time`.
    init?(_ rows: Rows, _ row: Int) {
        guard let kind = Kind(rawValue: rows.text(row, 1)) else { return nil }
        self.init(
            cluster: ClusterID(stored: rows.text(row, 0)), kind: kind,
            number: UInt32(truncatingIfNeeded: rows.number(row, 2)), name: rows.text(row, 3), holder: rows.text(row, 4),
            from: Timestamp(seconds: rows.number(row, 5)),
            until: rows.numberOrNil(row, 6).map { Timestamp(seconds: $0) })
    }
}

/// Allocations to write, as columns.
struct AllocationRows {
    private var texts = [ArrayParameter](repeating: ArrayParameter(.text), count: 4)
    private var numbers = [ArrayParameter](repeating: ArrayParameter(.number), count: 3)

    mutating func add(_ allocation: IDAllocation) {
        texts[0].append(allocation.cluster.text)
        texts[1].append(allocation.kind.rawValue)
        texts[2].append(allocation.name)
        texts[3].append(allocation.holder)
        numbers[0].append(Int64(allocation.number))
        numbers[1].append(allocation.from.seconds)
        numbers[2].append(allocation.until?.seconds)
    }

    private var parameters: [Parameter] { texts.map(\.parameter) + numbers.map(\.parameter) }

    private static let insertSQL = """
        INSERT INTO number_ledger (cluster_id, kind, name, holder, number, from_time, until_time)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
        """

    /// Allocates numbers that were never allocated.
    var insert: Statement { Statement(Self.insertSQL, parameters) }

    /// Allocates numbers, except those that were allocated before.
    var insertWhereFree: Statement { Statement(Self.insertSQL + " ON CONFLICT DO NOTHING", parameters) }

    /// Allocates numbers, or sets until when allocated ones were used. The holder never changes: a number is allocated
    /// once.
    var upsert: Statement {
        Statement(
            Self.insertSQL + " ON CONFLICT (cluster_id, kind, number) DO UPDATE SET until_time = excluded.until_time",
            parameters)
    }
}
