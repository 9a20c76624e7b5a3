import GRDB
import RosterModel
import RosterStore

extension WorkingSet {
    /// Writes all the changes, except the events.
    /// - Parameter time: the time of the earliest change; idempotency records and records of deletions that have expired
    ///   by then are deleted.
    func write(_ db: Database, at time: Timestamp) throws {
        for (_, cluster) in clusters.written { try cluster.written?.upsert(db, revision: cluster.revision) }
        for (_, allocation) in allocations.written { try allocation.upsert(db) }
        try writeUsers(db)
        try writeGroups(db)
        try writeMapEntries(db)
        for (_, key) in keys.written { try key.written?.upsert(db, revision: key.revision) }
        for (_, declaration) in attributes.written { try declaration.upsert(db) }
        try db.run(
            "DELETE FROM deletion_records WHERE deleted_time < ?", [DeletionRecord.earliestKept(at: time).seconds])
        let requests = requests.written
        guard !requests.isEmpty else { return }
        try db.run("DELETE FROM answered_requests WHERE expires < ?", [time.seconds])
        for (_, request) in requests { try request.upsert(db) }
    }

    private func writeUsers(_ db: Database) throws {
        let written = users.written
        // Removed and renamed users release their names before other users take them.
        for (id, user) in written {
            if user.isRestored { try db.run("DELETE FROM deletion_records WHERE hpcuser_id = ?", [id.text]) }
            guard user.releasesName else { continue }
            if user.written == nil, let time = user.deletedTime, let deletion = user.deletion {
                let record = DeletionRecord(user: id, time: time, password: nil, groups: deletion.groups)
                try DeletionRecord.upsert(db, of: id, at: time, groupsText: record.groupsText)
            }
            try db.run(
                "UPDATE users SET deleted_time = ?, revision = ?, password_hash = NULL WHERE hpcuser_id = ?",
                [user.deletedTime?.seconds ?? 0, user.revision.number, id.text])
            try db.renewChecksum(in: .users, [id.text])
        }
        for (_, user) in written {
            guard let row = user.written else { continue }
            try db.run(User.upsert, row.arguments(revision: user.revision, deletedTime: user.deletedTime))
            if let record = user.deletionRecord { try record.upsert(db) }
        }
    }

    private func writeMapEntries(_ db: Database) throws {
        for (key, entry) in mapEntries.written {
            guard let row = entry.written else {
                try db.run(
                    "UPDATE map_entries SET deleted_time = ?, revision = ? WHERE cluster_id = ? AND place_key = ?",
                    [entry.deletedTime?.seconds, entry.revision.number, key.cluster.text, key.place.text])
                try db.renewChecksum(in: .mapEntries, [key.cluster.text, key.place.text])
                continue
            }
            try row.upsert(db, revision: entry.revision, deletedTime: entry.deletedTime)
        }
    }

    private func writeGroups(_ db: Database) throws {
        let written = groups.written
        // Removed and renamed groups release their names before other groups take them.
        for (key, group) in written where group.written == nil || group.releasesName {
            let deletedTime = group.releasesName ? group.deletedTime ?? Timestamp(seconds: 0) : group.deletedTime
            try db.run(
                """
                UPDATE groups SET deleted_time = ?, revision = ?, update_time = coalesce(?, update_time)
                WHERE cluster_id = ? AND gid_number = ?
                """,
                [
                    deletedTime?.seconds, group.revision.number, group.updateTime?.seconds, key.cluster.text,
                    Int64(key.gidNumber),
                ])
            try db.renewChecksum(in: .groups, [key.cluster.text, Int64(key.gidNumber)])
        }
        for (_, group) in written {
            try group.written?.upsert(db, revision: group.revision, deletedTime: group.deletedTime)
        }
        for change in members {
            switch change {
            case .leave(let id): try db.run("DELETE FROM group_members WHERE hpcuser_id = ?", [id.text])
            case .replace(let key, let members): try key.replaceMembers(members, db)
            }
        }
    }
}
