import RosterModel

extension AccessKey {
    /// The keys that a revision after $1 changed, oldest first.
    static let select = """
        SELECT access_key_id, kind, user_id, cluster_id, seal_version, sealed_secret, create_time, revoke_time, revision
        FROM access_keys WHERE revision > $1::bigint ORDER BY create_time, access_key_id
        """

    /// Nil for a kind of key that only a newer program knows: it gives no rights here.
    /// - Parameter rows: of `select`.
    init?(_ rows: Rows, _ row: Int) {
        guard
            let principal = Principal(
                kind: rows.text(row, 1), account: rows.textOrNil(row, 2).map { AccountID(stored: $0) },
                cluster: rows.textOrNil(row, 3).map { ClusterID(stored: $0) })
        else { return nil }
        self.init(
            id: AccessKeyID(stored: rows.text(row, 0)), principal: principal,
            secret: SealedSecret(keyVersion: Int(rows.number(row, 4)), bytes: rows.copy(row, 5)),
            createTime: Timestamp(seconds: rows.number(row, 6)))
        revokeTime = rows.numberOrNil(row, 7).map { Timestamp(seconds: $0) }
        revision = Revision(rows.number(row, 8))
    }

    func upsert(revision: Revision) -> Statement {
        return Statement(
            """
            INSERT INTO access_keys (access_key_id, kind, user_id, cluster_id, seal_version, sealed_secret,
            create_time, revoke_time, revision)
            VALUES ($1::text, $2::text, $3::text, $4::text, $5::bigint, $6::bytea, $7::bigint, $8::bigint, $9::bigint)
            ON CONFLICT (access_key_id) DO UPDATE SET seal_version = excluded.seal_version,
            sealed_secret = excluded.sealed_secret, revoke_time = excluded.revoke_time, revision = excluded.revision
            """,
            [
                .text(id.text), .text(principal.kind), .text(principal.account?.text), .text(principal.cluster?.text),
                .number(Int64(secret.keyVersion)), .bytes(secret.bytes), .number(createTime.seconds),
                .number(revokeTime?.seconds), .number(revision.number),
            ])
    }
}
