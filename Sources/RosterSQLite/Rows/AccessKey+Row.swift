import Foundation
import GRDB
import RosterModel

extension AccessKey {
    /// The keys that a revision after `revision` changed, oldest first; by default, all.
    static func fetch(_ db: Database, after revision: Revision = .none) throws -> [AccessKey] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT access_key_id, kind, user_id, cluster_id, seal_version, sealed_secret, create_time,
                    revoke_time, revision FROM access_keys WHERE revision > ? ORDER BY create_time, access_key_id
                    """),
            arguments: [revision.number]
        ).compactMap(AccessKey.init)
    }

    /// Nil for a kind of key that only a newer program knows: it gives no rights here.
    private init?(_ row: Row) {
        guard
            let principal = Principal(
                kind: row[1], account: (row[2] as String?).map { AccountID(stored: $0) },
                cluster: (row[3] as String?).map { ClusterID(stored: $0) })
        else { return nil }
        self.init(
            id: AccessKeyID(stored: row[0]), principal: principal,
            secret: SealedSecret(keyVersion: row[4], bytes: Array(row[5] as Data)),
            createTime: Timestamp(seconds: row[6]))
        revokeTime = (row[7] as Int64?).map { Timestamp(seconds: $0) }
        self.revision = Revision(row[8])
    }

    func upsert(_ db: Database, revision: Revision) throws {
        try db.run(
            """
            INSERT INTO access_keys (access_key_id, kind, user_id, cluster_id, seal_version, sealed_secret,
            create_time, revoke_time, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (access_key_id) DO UPDATE SET seal_version = excluded.seal_version,
            sealed_secret = excluded.sealed_secret, revoke_time = excluded.revoke_time, revision = excluded.revision
            """,
            [
                id.text, principal.kind, principal.account?.text, principal.cluster?.text, secret.keyVersion,
                Data(secret.bytes), createTime.seconds,
                revokeTime?.seconds, revision.number,
            ])
        try db.renewChecksum(in: .keys, [id.text])
    }
}
