import RosterModel
import RosterStore

extension WorkingSet {
    /// The statements that write all the changes, except the events.
    /// - Parameter time: the time of the earliest change; idempotency records and records of deletions that have expired
    ///   by then are deleted.
    func statements(at time: Timestamp) -> [Statement] {
        writeClusters() + writeAllocations() + writeUsers() + writeGroups() + writeMapEntries()
            + writeKeys() + forgetDeletions(at: time) + writeRequests(at: time)
    }

    private func writeClusters() -> [Statement] {
        clusters.written.compactMap { $0.row.written?.upsert(revision: $0.row.revision) }
    }

    private func writeAllocations() -> [Statement] {
        let written = allocations.written
        guard !written.isEmpty else { return [] }
        var rows = AllocationRows()
        for allocation in written { rows.add(allocation.row) }
        return [rows.upsert]
    }

    private func writeUsers() -> [Statement] {
        let written = users.written
        guard !written.isEmpty else { return [] }
        var statements: [Statement] = []
        // Removed and renamed users release their names before other users take them.
        var (released, times, revisions) = (ArrayParameter(.text), ArrayParameter(.number), ArrayParameter(.number))
        var hasReleased = false
        var rows = UserRows()
        // A password that is only in the user's row is read before the row loses it.
        var (restored, deletions, writtenDeletions): ([String], DeletionRows, DeletionRows) = ([], .init(), .init())
        for (id, user) in written {
            if user.isRestored { restored.append(id.text) }
            if let record = user.deletionRecord {
                writtenDeletions.add(record)
            } else if let time = user.deletedTime, let deletion = user.deletion {
                deletions.add(DeletionRecord(user: id, time: time, password: nil, groups: deletion.groups))
            }
            if user.releasesName {
                hasReleased = true
                released.append(id.text)
                times.append((user.deletedTime ?? Timestamp(seconds: 0)).seconds)
                revisions.append(user.revision.number)
            }
            if let row = user.written { rows.add(row, revision: user.revision, deletedTime: user.deletedTime) }
        }
        if !restored.isEmpty { statements.append(Statement(DeletionRecord.delete, [.texts(restored)])) }
        if deletions.count > 0 { statements.append(deletions.upsertWithPresentPasswords) }
        if hasReleased {
            statements.append(
                Statement(
                    """
                    UPDATE users SET deleted_time = w.time, revision = w.revision, password_hash = NULL
                    FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS w (id, time, revision) WHERE hpcuser_id = w.id
                    """,
                    [released.parameter, times.parameter, revisions.parameter]))
        }
        if rows.count > 0 { statements.append(rows.upsert) }
        if writtenDeletions.count > 0 { statements.append(writtenDeletions.upsert) }
        return statements
    }

    /// Deletes the records of deletions that are no longer kept, by this clock and by the database's.
    private func forgetDeletions(at time: Timestamp) -> [Statement] {
        guard !users.written.isEmpty || !requests.written.isEmpty else { return [] }
        return [
            Statement(
                """
                DELETE FROM deletion_records
                WHERE deleted_time < least($1::bigint, extract(epoch FROM clock_timestamp())::bigint) - $2::bigint
                """,
                [.number(time.seconds), .number(DeletionRecord.keptSeconds)])
        ]
    }

    private func writeGroups() -> [Statement] {
        var statements: [Statement] = []
        // Removed and renamed groups release their names before other groups take them.
        let written = groups.written
        for (key, group) in written where group.written == nil || group.releasesName {
            let deletedTime = group.releasesName ? group.deletedTime ?? Timestamp(seconds: 0) : group.deletedTime
            statements.append(
                Statement(
                    """
                    UPDATE groups SET deleted_time = $3::bigint, revision = $4::bigint,
                    update_time = coalesce($5::bigint, update_time)
                    WHERE cluster_id = $1::text AND gid_number = $2::bigint
                    """,
                    [
                        .text(key.cluster.text), .number(Int64(key.gidNumber)), .number(deletedTime?.seconds),
                        .number(group.revision.number), .number(group.updateTime?.seconds),
                    ]))
        }
        for (_, group) in written {
            guard let row = group.written else { continue }
            statements.append(row.upsert(revision: group.revision, deletedTime: group.deletedTime))
        }
        for step in members {
            switch step {
            case .leave(let id):
                statements.append(Statement("DELETE FROM group_members WHERE hpcuser_id = $1::text", [.text(id.text)]))
            case .replace(let key, let members):
                let place: [Parameter] = [
                    .text(key.cluster.text), .number(Int64(key.gidNumber)), .texts(members.map(\.text)),
                ]
                statements.append(
                    Statement(
                        """
                        DELETE FROM group_members WHERE cluster_id = $1::text AND gid_number = $2::bigint
                        AND hpcuser_id <> ALL($3::text[])
                        """,
                        place))
                guard !members.isEmpty else { continue }
                statements.append(key.insertMembers(members))
            }
        }
        return statements
    }

    private func writeMapEntries() -> [Statement] {
        var rows = MapEntryRows()
        var statements: [Statement] = []
        for (key, entry) in mapEntries.written {
            if let row = entry.written {
                rows.add(row, revision: entry.revision, deletedTime: entry.deletedTime)
                continue
            }
            statements.append(
                Statement(
                    """
                    UPDATE map_entries SET deleted_time = $3::bigint, revision = $4::bigint
                    WHERE cluster_id = $1::text AND place_key = $2::text
                    """,
                    [
                        .text(key.cluster.text), .text(key.place.text), .number(entry.deletedTime?.seconds),
                        .number(entry.revision.number),
                    ]))
        }
        return rows.count > 0 ? statements + [rows.upsert] : statements
    }

    private func writeKeys() -> [Statement] {
        keys.written.compactMap { $0.row.written?.upsert(revision: $0.row.revision) }
            + attributes.written.map(\.row.upsert)
    }

    private func writeRequests(at time: Timestamp) -> [Statement] {
        let written = requests.written
        guard !written.isEmpty else { return [] }
        var rows = RequestRows()
        for (_, request) in written { rows.add(request) }
        return [
            // By this clock and by the database's, whichever is behind: a clock that steps ahead deletes nothing early.
            Statement(
                """
                DELETE FROM answered_requests
                WHERE expires < least($1::bigint, extract(epoch FROM clock_timestamp())::bigint)
                """,
                [.number(time.seconds)]), rows.upsert,
        ]
    }
}
