import GRDB
import RosterModel

extension MapEntry {
    /// The entries that a revision after `revision` changed, removed ones with the time of their removal; by default,
    /// all.
    static func fetch(_ db: Database, after revision: Revision = .none) throws -> [(
        entry: MapEntry, removed: Timestamp?
    )] {
        try db.all(
            """
            SELECT cluster_id, kind, place, attributes, create_time, update_time, revision, deleted_time FROM map_entries
            WHERE revision > ?
            """,
            [revision.number]
        ) { row in
            // Kinds that only a newer program knows are skipped.
            MapEntry(row).map { ($0, (row[7] as Int64?).map { Timestamp(seconds: $0) }) }
        }.compactMap { $0 }
    }

    private init?(_ row: Row) {
        guard let kind = Kind(rawValue: row[1]) else { return nil }
        self.init(
            cluster: ClusterID(stored: row[0]), kind: kind, place: MapPlace(stored: row[2]),
            stored: MapAttributes(text: row[3]), createTime: Timestamp(seconds: row[4]),
            updateTime: Timestamp(seconds: row[5]))
        revision = Revision(row[6])
    }

    /// Inserts or replaces the entry's row.
    /// - Parameter deletedTime: when it was removed; nil if it is present.
    func upsert(_ db: Database, revision: Revision, deletedTime: Timestamp?) throws {
        try db.run(
            """
            INSERT INTO map_entries
            (cluster_id, place_key, kind, place, attributes, create_time, update_time, revision, deleted_time)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (cluster_id, place_key) DO UPDATE SET kind = excluded.kind, place = excluded.place,
            attributes = excluded.attributes, create_time = excluded.create_time, update_time = excluded.update_time,
            revision = excluded.revision, deleted_time = excluded.deleted_time
            """,
            [
                cluster.text, place.key.text, kind.rawValue, place.text, attributes.text, createTime.seconds,
                updateTime.seconds, revision.number, deletedTime?.seconds,
            ])
        try db.renewChecksum(in: .mapEntries, [cluster.text, place.key.text])
    }
}
