import RosterModel
import RosterStore

extension Group {
    /// The groups that a revision after $1 changed, removed ones included.
    static let select = """
        SELECT cluster_id, gid_number, name, is_primary, revision, deleted_time, member_groups, member_names, create_time,
        update_time FROM groups WHERE revision > $1::bigint
        """

    /// The members of those groups.
    static let selectMembers = """
        SELECT m.cluster_id, m.gid_number, m.hpcuser_id FROM groups g JOIN group_members m
        ON m.cluster_id = g.cluster_id AND m.gid_number = g.gid_number WHERE g.revision > $1::bigint
        ORDER BY m.hpcuser_id
        """

    /// The present groups with their members, and the removed ones.
    /// - Parameters:
    ///   - rows: of `select`.
    ///   - memberRows: of `selectMembers`.
    static func read(_ rows: Rows, members memberRows: Rows) -> (present: [Group], removed: [Group]) {
        var members: [Key: [HPCUserID]] = [:]
        for row in memberRows.indices {
            members[Key(memberRows, row), default: []].append(HPCUserID(stored: memberRows.text(row, 2)))
        }
        var (present, removed): ([Group], [Group]) = ([], [])
        for row in rows.indices {
            let key = Key(rows, row)
            var group = Group(
                cluster: key.cluster, name: rows.text(row, 2), gidNumber: key.gidNumber,
                isPrimary: rows.number(row, 3) != 0, members: members[key] ?? [])
            group.revision = Revision(rows.number(row, 4))
            group.setColumns(
                memberGroups: rows.textOrNil(row, 6), memberNames: rows.textOrNil(row, 7),
                createTime: rows.numberOrNil(row, 8), updateTime: rows.numberOrNil(row, 9))
            if rows.isNull(row, 5) { present.append(group) } else { removed.append(group) }
        }
        return (present, removed)
    }

    /// Adds the members that are not there yet.
    var insertMembers: Statement { key.insertMembers(members) }

    func upsert(revision: Revision, deletedTime: Timestamp?) -> Statement {
        Statement(
            """
            INSERT INTO groups (cluster_id, gid_number, name, name_key, is_primary, revision, deleted_time, member_groups,
            member_names, create_time, update_time) VALUES ($1::text, $2::bigint, $3::text, $4::text, $5::boolean,
            $6::bigint, $7::bigint, $8::text, $9::text, $10::bigint, $11::bigint)
            ON CONFLICT (cluster_id, gid_number) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
            is_primary = excluded.is_primary, revision = excluded.revision, deleted_time = excluded.deleted_time,
            member_groups = excluded.member_groups, member_names = excluded.member_names,
            create_time = excluded.create_time, update_time = excluded.update_time
            """,
            [
                .text(cluster.text), .number(Int64(gidNumber)), .text(name), .text(Username.key(of: name)),
                .bytes([isPrimary ? 1 : 0]), .number(revision.number), .number(deletedTime?.seconds),
                .text(memberGroupsText), .text(memberNamesText), .number(createTime?.seconds),
                .number(updateTime?.seconds),
            ])
    }
}

extension Group.Key {
    /// - Parameter rows: the first two columns are `cluster_id` and `gid_number`.
    init(_ rows: Rows, _ row: Int) {
        self.init(
            cluster: ClusterID(stored: rows.text(row, 0)), gidNumber: UInt32(truncatingIfNeeded: rows.number(row, 1)))
    }

    func insertMembers(_ members: [HPCUserID]) -> Statement {
        Statement(
            """
            INSERT INTO group_members (cluster_id, gid_number, hpcuser_id)
            SELECT $1::text, $2::bigint, id FROM unnest($3::text[]) AS id ON CONFLICT DO NOTHING
            """,
            [.text(cluster.text), .number(Int64(gidNumber)), .texts(members.map(\.text))])
    }
}
