import Roster

extension Ground {
    /// What writes everything that the changes leave, but for the events.
    /// - Parameter time: of the oldest change: requests that nobody would take by then are forgotten.
    func writing(at time: Timestamp) -> [Statement] {
        writeClusters() + writeGrants() + writeUsers() + writeGroups() + writeKeys() + writeRequests(at: time)
    }

    private func writeClusters() -> [Statement] {
        clusters.written.compactMap { $0.row.written?.upsert(revision: $0.row.revision) }
    }

    private func writeGrants() -> [Statement] {
        let written = grants.written
        guard !written.isEmpty else { return [] }
        var rows = GrantRows()
        for grant in written { rows.add(grant.row) }
        return [rows.upsert]
    }

    private func writeUsers() -> [Statement] {
        let written = users.written
        guard !written.isEmpty else { return [] }
        var statements: [Statement] = []
        // Who goes or gets another name makes room before anybody takes it.
        var (gone, times, revisions) = (Column(.text), Column(.number), Column(.number))
        var hasGone = false
        var rows = UserRows()
        for (id, user) in written {
            if user.storedName != nil, user.deletedTime != nil || user.storedName != user.name {
                hasGone = true
                gone.append(id.text)
                times.append((user.deletedTime ?? Timestamp(seconds: 0)).seconds)
                revisions.append(user.revision.number)
            }
            if let row = user.written { rows.add(row, revision: user.revision, deletedTime: user.deletedTime) }
        }
        if hasGone {
            statements.append(
                Statement(
                    """
                    UPDATE users SET deleted_time = w.time, revision = w.revision, password_hash = NULL
                    FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS w (id, time, revision) WHERE hpcuser_id = w.id
                    """,
                    [gone.parameter, times.parameter, revisions.parameter]))
        }
        if rows.count > 0 { statements.append(rows.upsert) }
        return statements
    }

    private func writeGroups() -> [Statement] {
        var statements: [Statement] = []
        // A name that is given up makes room before another group takes it.
        let written = groups.written
        for (key, group) in written where group.written == nil || group.deletedTime != nil {
            statements.append(
                Statement(
                    """
                    UPDATE groups SET deleted_time = $3::bigint, revision = $4::bigint
                    WHERE cluster_id = $1::text AND gid_number = $2::bigint
                    """,
                    [
                        .text(key.cluster.text), .number(Int64(key.gidNumber)), .number(group.deletedTime?.seconds),
                        .number(group.revision.number),
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
                statements.append(
                    Statement(
                        """
                        INSERT INTO group_members (cluster_id, gid_number, hpcuser_id)
                        SELECT $1::text, $2::bigint, id FROM unnest($3::text[]) AS id ON CONFLICT DO NOTHING
                        """,
                        place))
            }
        }
        return statements
    }

    private func writeKeys() -> [Statement] {
        keys.written.compactMap { $0.row.written?.upsert(revision: $0.row.revision) }
    }

    private func writeRequests(at time: Timestamp) -> [Statement] {
        let written = requests.written
        guard !written.isEmpty else { return [] }
        var (digests, expires) = (Column(.bytes), Column(.number))
        var (jobs, codes, messages) = (Column(.text), Column(.text), Column(.text))
        for (digest, request) in written {
            var job: JobID?
            var error: RosterError?
            switch request.outcome {
            case .done(let id): job = id
            case .refused(let refusal): error = refusal
            }
            digests.append(bytes: digest)
            expires.append(request.forgottenAfter.seconds)
            jobs.append(job?.text)
            codes.append(error?.code.rawValue)
            messages.append(error?.message ?? "")
        }
        return [
            Statement("DELETE FROM answered_requests WHERE expires < $1::bigint", [.number(time.seconds)]),
            Statement(
                """
                INSERT INTO answered_requests (digest, expires, job_id, code, message)
                SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::text[])
                ON CONFLICT (digest) DO UPDATE SET expires = excluded.expires, job_id = excluded.job_id,
                code = excluded.code, message = excluded.message
                """,
                [digests.parameter, expires.parameter, jobs.parameter, codes.parameter, messages.parameter]),
        ]
    }
}
