import GRDB
import RosterModel
import RosterStore

extension Group {
    /// The present groups that a revision after `revision` changed, with their members; by default, all.
    static func fetch(_ db: Database, after revision: Revision = .none) throws -> [Group] {
        try fetchAll(db, after: revision).present
    }

    /// The groups that a revision after `revision` changed: the present ones with their members, and the removed ones.
    static func fetchAll(_ db: Database, after revision: Revision) throws -> (present: [Group], removed: [Group]) {
        var members: [MemberKey: [HPCUserID]] = [:]
        // CROSS JOIN makes SQLite go from the few groups to their members, whatever it estimates for the sizes of the
        // tables.
        let memberRows = try db.rows(
            """
            SELECT m.cluster_id, m.gid_number, m.hpcuser_id FROM groups g CROSS JOIN group_members m
            ON m.cluster_id = g.cluster_id AND m.gid_number = g.gid_number WHERE g.revision > ? ORDER BY m.hpcuser_id
            """,
            [revision.number])
        while let row = try memberRows.next() {
            members[MemberKey(cluster: row[0], gid: row[1]), default: []].append(HPCUserID(stored: row[2]))
        }
        var (groups, removed): ([Group], [Group]) = ([], [])
        let rows = try db.rows(
            """
            SELECT cluster_id, gid_number, name, is_primary, revision, deleted_time, member_groups, member_names, create_time,
            update_time FROM groups WHERE revision > ?
            """,
            [revision.number])
        while let row = try rows.next() {
            var group = Group(
                cluster: ClusterID(stored: row[0]), name: row[2], gidNumber: row[1], isPrimary: row[3],
                members: members[MemberKey(cluster: row[0], gid: row[1])] ?? [])
            group.revision = Revision(row[4])
            group.setColumns(memberGroups: row[6], memberNames: row[7], createTime: row[8], updateTime: row[9])
            if (row[5] as Int64?) == nil { groups.append(group) } else { removed.append(group) }
        }
        return (groups, removed)
    }

    private struct MemberKey: Hashable {
        let cluster: String
        let gid: Int64
    }

    /// Inserts or replaces the group's row; its members are separate rows.
    /// - Parameter deletedTime: when it was removed; nil if it is present.
    func upsert(_ db: Database, revision: Revision, deletedTime: Timestamp?) throws {
        try db.run(
            """
            INSERT INTO groups (cluster_id, gid_number, name, name_key, is_primary, revision, deleted_time, member_groups,
            member_names, create_time, update_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (cluster_id, gid_number) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
            is_primary = excluded.is_primary, revision = excluded.revision, deleted_time = excluded.deleted_time,
            member_groups = excluded.member_groups, member_names = excluded.member_names,
            create_time = excluded.create_time, update_time = excluded.update_time
            """,
            [
                cluster.text, Int64(gidNumber), name, Username.key(of: name), isPrimary, revision.number,
                deletedTime?.seconds, memberGroupsText, memberNamesText, createTime?.seconds, updateTime?.seconds,
            ])
        try db.renewChecksum(in: .groups, [cluster.text, Int64(gidNumber)])
    }
}

extension Group.Key {
    /// Writes only who joined and who left: a group may have many members.
    func replaceMembers(_ members: [HPCUserID], _ db: Database) throws {
        let key: StatementArguments = [cluster.text, Int64(gidNumber)]
        let rows = try db.rows(
            "SELECT hpcuser_id FROM group_members WHERE cluster_id = ? AND gid_number = ?", key)
        var before: Set<String> = []
        while let row = try rows.next() { before.insert(row[0]) }
        let after = Set(members.map(\.text))
        for member in before.subtracting(after) {
            try db.run(
                "DELETE FROM group_members WHERE cluster_id = ? AND gid_number = ? AND hpcuser_id = ?", key + [member])
        }
        for member in after.subtracting(before) {
            try db.run(
                """
                INSERT INTO group_members (cluster_id, gid_number, hpcuser_id, checksum)
                VALUES (?1, ?2, ?3, roster_checksum(?1, ?2, ?3))
                """, key + [member])
        }
    }
}
