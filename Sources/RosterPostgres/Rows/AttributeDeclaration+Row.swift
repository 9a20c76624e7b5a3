import RosterModel

extension AttributeDeclaration {
    /// The declarations that a revision after $1 changed, by name, with removed ones.
    static let select = """
        SELECT name, oid, syntax, is_multiple::int::bigint, is_searchable::int::bigint, create_time, remove_time,
        revision FROM attribute_declarations WHERE revision > $1::bigint ORDER BY name_key
        """

    /// The declarations in rows of `select`, without those of a syntax that only a newer program knows.
    static func read(_ rows: Rows) -> [AttributeDeclaration] {
        rows.indices.compactMap { row in
            guard let syntax = Syntax(rawValue: rows.text(row, 2)) else { return nil }
            return AttributeDeclaration(
                stored: rows.text(row, 0), oid: rows.text(row, 1), syntax: syntax, isMultiple: rows.number(row, 3) != 0,
                isSearchable: rows.number(row, 4) != 0, createTime: Timestamp(seconds: rows.number(row, 5)),
                removeTime: rows.numberOrNil(row, 6).map { Timestamp(seconds: $0) },
                revision: Revision(rows.number(row, 7)))
        }
    }

    var upsert: Statement {
        Statement(
            """
            INSERT INTO attribute_declarations (name_key, name, oid, syntax, is_multiple, is_searchable, create_time,
            remove_time, revision)
            VALUES ($1::text, $2::text, $3::text, $4::text, $5::bigint <> 0, $6::bigint <> 0, $7::bigint, $8::bigint,
            $9::bigint)
            ON CONFLICT (name_key) DO UPDATE SET oid = excluded.oid, syntax = excluded.syntax,
            is_multiple = excluded.is_multiple, is_searchable = excluded.is_searchable,
            create_time = excluded.create_time, remove_time = excluded.remove_time, revision = excluded.revision
            """,
            [
                .text(key), .text(name), .text(oid), .text(syntax.rawValue), .number(isMultiple ? 1 : 0),
                .number(isSearchable ? 1 : 0), .number(createTime.seconds), .number(removeTime?.seconds),
                .number(revision.number),
            ])
    }
}
