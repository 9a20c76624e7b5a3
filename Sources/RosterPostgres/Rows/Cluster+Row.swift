import RosterModel

extension Cluster {
    /// The clusters that a revision after $1 changed.
    static let select = """
        SELECT cluster_id, name, zone, cluster_type, nas_mount_point, home_template, login_shell, uid_first, uid_last,
        description, create_time, revision, name_rule, password_rule FROM clusters WHERE revision > $1::bigint
        """

    /// - Parameter rows: of `select`.
    init(_ rows: Rows, _ row: Int) {
        let first = UInt32(truncatingIfNeeded: rows.number(row, 7))
        let last = UInt32(truncatingIfNeeded: rows.number(row, 8))
        self.init(
            id: ClusterID(stored: rows.text(row, 0)), name: rows.text(row, 1), zone: Zone(stored: rows.text(row, 2)),
            nasMountPoint: rows.text(row, 4), homeTemplate: rows.text(row, 5), loginShell: rows.text(row, 6),
            uidRange: first...max(first, last), description: rows.text(row, 9),
            createTime: Timestamp(seconds: rows.number(row, 10)))
        type = Kind(rawValue: rows.text(row, 3)) ?? type
        revision = Revision(rows.number(row, 11))
        nameRule = NameRule(rawValue: rows.text(row, 12)) ?? .portable
        passwordRule = PasswordRule(rawValue: rows.text(row, 13)) ?? .standard
    }

    func upsert(revision: Revision) -> Statement {
        Statement(
            """
            INSERT INTO clusters (cluster_id, name, zone, cluster_type, nas_mount_point, home_template, login_shell,
            uid_first, uid_last, description, create_time, revision, name_rule, password_rule)
            VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::bigint, $9::bigint,
            $10::text, $11::bigint, $12::bigint, $13::text, $14::text)
            ON CONFLICT (cluster_id) DO UPDATE SET name = excluded.name, zone = excluded.zone,
            cluster_type = excluded.cluster_type, nas_mount_point = excluded.nas_mount_point,
            home_template = excluded.home_template, login_shell = excluded.login_shell,
            uid_first = excluded.uid_first, uid_last = excluded.uid_last, description = excluded.description,
            revision = excluded.revision, name_rule = excluded.name_rule, password_rule = excluded.password_rule
            """,
            [
                .text(id.text), .text(name), .text(zone.text), .text(type.rawValue), .text(nasMountPoint),
                .text(homeTemplate), .text(loginShell), .number(Int64(uidRange.lowerBound)),
                .number(Int64(uidRange.upperBound)), .text(description), .number(createTime.seconds),
                .number(revision.number), .text(nameRule.rawValue), .text(passwordRule.rawValue),
            ])
    }
}
