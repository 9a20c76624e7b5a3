import GRDB
import RosterModel

extension AttributeDeclaration {
    /// The declarations that a revision after `revision` changed, by name; by default, all, with removed ones.
    static func fetch(_ db: Database, after revision: Revision = .none) throws -> [AttributeDeclaration] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT name, oid, syntax, is_multiple, is_searchable, create_time, remove_time, revision
                    FROM attribute_declarations WHERE revision > ? ORDER BY name_key
                    """),
            arguments: [revision.number]
        ).compactMap(AttributeDeclaration.init)
    }

    /// Nil for a syntax that only a newer program knows.
    private init?(_ row: Row) {
        guard let syntax = Syntax(rawValue: row[2]) else { return nil }
        self.init(
            stored: row[0], oid: row[1], syntax: syntax, isMultiple: row[3], isSearchable: row[4],
            createTime: Timestamp(seconds: row[5]), removeTime: (row[6] as Int64?).map { Timestamp(seconds: $0) },
            revision: Revision(row[7]))
    }

    func upsert(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO attribute_declarations (name_key, name, oid, syntax, is_multiple, is_searchable, create_time,
            remove_time, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name_key) DO UPDATE SET oid = excluded.oid, syntax = excluded.syntax,
            is_multiple = excluded.is_multiple, is_searchable = excluded.is_searchable,
            create_time = excluded.create_time, remove_time = excluded.remove_time, revision = excluded.revision
            """,
            [
                key, name, oid, syntax.rawValue, isMultiple, isSearchable, createTime.seconds, removeTime?.seconds,
                revision.number,
            ])
        try db.renewChecksum(in: .attributes, [key])
    }
}
