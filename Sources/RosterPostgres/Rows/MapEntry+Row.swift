import RosterModel

extension MapEntry {
    /// The entries that a revision after $1 changed, removed ones included.
    static let select = """
        SELECT cluster_id, kind, place, attributes, create_time, update_time, revision, deleted_time FROM map_entries
        WHERE revision > $1::bigint
        """

    /// The entries; removed ones come with the time of their removal.
    /// - Parameter rows: of `select`.
    static func read(_ rows: Rows) -> [(entry: MapEntry, removed: Timestamp?)] {
        rows.indices.compactMap { row in
            // Kinds that only a newer program knows are skipped.
            MapEntry(rows, row).map { ($0, rows.numberOrNil(row, 7).map { Timestamp(seconds: $0) }) }
        }
    }

    private init?(_ rows: Rows, _ row: Int) {
        guard let kind = Kind(rawValue: rows.text(row, 1)) else { return nil }
        self.init(
            cluster: ClusterID(stored: rows.text(row, 0)), kind: kind, place: MapPlace(stored: rows.text(row, 2)),
            stored: MapAttributes(text: rows.text(row, 3)), createTime: Timestamp(seconds: rows.number(row, 4)),
            updateTime: Timestamp(seconds: rows.number(row, 5)))
        revision = Revision(rows.number(row, 6))
    }
}

/// Map entries to write, as columns.
struct MapEntryRows {
    private var texts = [ArrayParameter](repeating: ArrayParameter(.text), count: 5)
    private var numbers = [ArrayParameter](repeating: ArrayParameter(.number), count: 4)
    private(set) var count = 0

    /// - Parameter deletedTime: when it was removed; nil if it is present.
    mutating func add(_ entry: MapEntry, revision: Revision, deletedTime: Timestamp?) {
        texts[0].append(entry.cluster.text)
        texts[1].append(entry.place.key.text)
        texts[2].append(entry.kind.rawValue)
        texts[3].append(entry.place.text)
        texts[4].append(entry.attributes.text)
        numbers[0].append(entry.createTime.seconds)
        numbers[1].append(entry.updateTime.seconds)
        numbers[2].append(revision.number)
        numbers[3].append(deletedTime?.seconds)
        count += 1
    }

    /// Inserts or replaces the rows.
    var upsert: Statement {
        Statement(
            """
            INSERT INTO map_entries
            (cluster_id, place_key, kind, place, attributes, create_time, update_time, revision, deleted_time)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::bigint[])
            ON CONFLICT (cluster_id, place_key) DO UPDATE SET kind = excluded.kind, place = excluded.place,
            attributes = excluded.attributes, create_time = excluded.create_time, update_time = excluded.update_time,
            revision = excluded.revision, deleted_time = excluded.deleted_time
            """,
            texts.map(\.parameter) + numbers.map(\.parameter))
    }
}
