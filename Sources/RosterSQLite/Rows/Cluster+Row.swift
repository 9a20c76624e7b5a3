import GRDB
import RosterModel

extension Cluster {
    /// The clusters that a revision after `revision` changed; by default, all.
    static func fetch(_ db: Database, after revision: Revision = .none) throws -> [Cluster] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT cluster_id, name, zone, cluster_type, nas_mount_point, home_template, login_shell, uid_first,
                    uid_last, description, create_time, revision, name_rule, password_rule
                    FROM clusters WHERE revision > ?
                    """),
            arguments: [revision.number]
        ).map(Cluster.init)
    }

    private init(_ row: Row) {
        let first: UInt32 = row[7]
        let last: UInt32 = row[8]
        self.init(
            id: ClusterID(stored: row[0]), name: row[1], zone: Zone(stored: row[2]), nasMountPoint: row[4],
            homeTemplate: row[5], loginShell: row[6], uidRange: first...max(first, last), description: row[9],
            createTime: Timestamp(seconds: row[10]))
        type = Kind(rawValue: row[3]) ?? type
        revision = Revision(row[11])
        nameRule = NameRule(rawValue: row[12]) ?? .portable
        passwordRule = PasswordRule(rawValue: row[13]) ?? .standard
    }

    func upsert(_ db: Database, revision: Revision) throws {
        try db.run(
            """
            INSERT INTO clusters (cluster_id, name, zone, cluster_type, nas_mount_point, home_template, login_shell,
            uid_first, uid_last, description, create_time, revision, name_rule, password_rule)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (cluster_id) DO UPDATE SET name = excluded.name, zone = excluded.zone,
            cluster_type = excluded.cluster_type, nas_mount_point = excluded.nas_mount_point,
            home_template = excluded.home_template, login_shell = excluded.login_shell,
            uid_first = excluded.uid_first, uid_last = excluded.uid_last, description = excluded.description,
            revision = excluded.revision, name_rule = excluded.name_rule, password_rule = excluded.password_rule
            """,
            [
                id.text, name, zone.text, type.rawValue, nasMountPoint, homeTemplate, loginShell,
                Int64(uidRange.lowerBound), Int64(uidRange.upperBound), description, createTime.seconds,
                revision.number, nameRule.rawValue, passwordRule.rawValue,
            ])
        try db.renewChecksum(in: .clusters, [id.text])
    }
}
