import Roster

extension Ground {
    /// Statements, and what to do with their answers.
    typealias Reading = [(statement: Statement, learn: (inout Ground, Rows) -> Void)]

    /// Reads all that is wanted, in one go.
    mutating func read(_ wanted: Wanted, _ connection: ServerConnection) throws(ServerError) {
        let steps = reading(wanted)
        guard !steps.isEmpty else { return }
        let answers = try connection.run(steps.map(\.statement))
        for (step, rows) in zip(steps, answers) { step.learn(&self, rows) }
    }

    /// What reads all that is wanted.
    func reading(_ wanted: Wanted) -> Reading {
        var reading: Reading = []
        func read(
            _ isWanted: Bool, _ sql: String, _ parameters: @autoclosure () -> [Parameter],
            _ learn: @escaping (inout Ground, Rows) -> Void
        ) {
            if isWanted { reading.append((Statement(sql, parameters()), learn)) }
        }
        var requestColumn = Column(.bytes)
        for digest in wanted.requests { requestColumn.append(bytes: digest) }
        read(
            !wanted.requests.isEmpty,
            "SELECT digest, expires, job_id, code, message FROM answered_requests WHERE digest = ANY($1::bytea[])",
            [requestColumn.parameter]
        ) { ground, rows in
            for row in rows.indices { ground.requests.learn(rows.copy(row, 0), Answered(rows, row)) }
            for digest in wanted.requests { ground.requests.learn(digest, nil) }
        }
        read(
            !wanted.clusters.isEmpty, "SELECT cluster_id, revision FROM clusters WHERE cluster_id = ANY($1::text[])",
            [.texts(wanted.clusters.map(\.text))]
        ) { ground, rows in
            for row in rows.indices {
                let state = ClusterState(revision: Revision(rows.number(row, 1)))
                ground.clusters.learn(ClusterID(stored: rows.text(row, 0)), state)
            }
            for id in wanted.clusters { ground.clusters.learn(id, nil) }
        }
        read(
            !wanted.users.isEmpty,
            """
            SELECT hpcuser_id, cluster_id, uid_number, name_key, revision, deleted_time FROM users
            WHERE hpcuser_id = ANY($1::text[])
            """,
            [.texts(wanted.users.map(\.text))]
        ) { ground, rows in
            for row in rows.indices {
                ground.users.learn(HPCUserID(stored: rows.text(row, 0)), UserState(rows, row))
            }
            for id in wanted.users { ground.users.learn(id, nil) }
        }
        read(
            !wanted.names.isEmpty,
            """
            SELECT u.cluster_id, u.name_key, u.hpcuser_id FROM unnest($1::text[], $2::text[]) AS w (cluster_id, name_key)
            JOIN users u ON u.cluster_id = w.cluster_id AND u.name_key = w.name_key AND u.deleted_time IS NULL
            """,
            Self.columns(wanted.names)
        ) { ground, rows in
            for row in rows.indices {
                let name = NameKey(ClusterID(stored: rows.text(row, 0)), rows.text(row, 1))
                ground.names.learn(name, HPCUserID(stored: rows.text(row, 2)))
            }
            for name in wanted.names { ground.names.learn(name, nil) }
        }
        readGrants(wanted, into: &reading)
        readGroups(wanted, into: &reading)
        read(
            !wanted.keys.isEmpty,
            "SELECT access_key_id, revision FROM access_keys WHERE access_key_id = ANY($1::text[])",
            [.texts(wanted.keys.map(\.text))]
        ) { ground, rows in
            for row in rows.indices {
                let state = KeyState(revision: Revision(rows.number(row, 1)))
                ground.keys.learn(AccessKeyID(stored: rows.text(row, 0)), state)
            }
            for id in wanted.keys { ground.keys.learn(id, nil) }
        }
        for cluster in wanted.inhabited {
            // One more than are removed tell.
            read(
                true,
                "SELECT hpcuser_id FROM users WHERE cluster_id = $1::text AND deleted_time IS NULL LIMIT $2::bigint",
                [.text(cluster.text), .number(Int64(wanted.leavers.count + 1))]
            ) { ground, rows in
                ground.inhabitants[cluster] = rows.indices.map { HPCUserID(stored: rows.text($0, 0)) }
            }
        }
        return reading
    }

    private func readGrants(_ wanted: Wanted, into reading: inout Reading) {
        let select = "SELECT l.cluster_id, l.kind, l.number, l.name, l.holder, l.from_time, l.until_time"
        func learn(_ ground: inout Ground, _ rows: Rows) {
            for row in rows.indices {
                guard let grant = NumberGrant(rows, row) else { continue }
                ground.grants.learn(
                    GrantKey(cluster: grant.cluster, kind: grant.kind, number: grant.number), grant)
            }
        }
        if !wanted.grants.isEmpty {
            var (clusters, kinds, numbers) = (Column(.text), Column(.text), Column(.number))
            for key in wanted.grants {
                clusters.append(key.cluster.text)
                kinds.append(key.kind.rawValue)
                numbers.append(Int64(key.number))
            }
            let statement = Statement(
                """
                \(select) FROM unnest($1::text[], $2::text[], $3::bigint[]) AS w (cluster_id, kind, number)
                JOIN number_ledger l ON l.cluster_id = w.cluster_id AND l.kind = w.kind AND l.number = w.number
                """,
                [clusters.parameter, kinds.parameter, numbers.parameter])
            reading.append(
                (
                    statement,
                    { ground, rows in
                        learn(&ground, rows)
                        for key in wanted.grants { ground.grants.learn(key, nil) }
                    }
                ))
        }
        if !wanted.leavers.isEmpty {
            let statement = Statement(
                """
                \(select) FROM users u JOIN number_ledger l ON l.cluster_id = u.cluster_id AND l.kind = 'uid'
                AND l.number = u.uid_number WHERE u.hpcuser_id = ANY($1::text[])
                """,
                [.texts(wanted.leavers.map(\.text))])
            reading.append((statement, learn))
        }
        for range in wanted.ranges {
            let statement = Statement(
                """
                SELECT number FROM number_ledger WHERE cluster_id = $1::text AND kind = $2::text
                AND number BETWEEN $3::bigint AND $4::bigint ORDER BY number DESC LIMIT 1
                """,
                [
                    .text(range.cluster.text), .text(range.kind.rawValue), .number(Int64(range.numbers.lowerBound)),
                    .number(Int64(range.numbers.upperBound)),
                ])
            reading.append(
                (
                    statement,
                    { ground, rows in
                        let number = rows.count == 0 ? nil : UInt32(truncatingIfNeeded: rows.number(0, 0))
                        ground.largest.learn(range, number)
                    }
                ))
        }
    }

    private func readGroups(_ wanted: Wanted, into reading: inout Reading) {
        let select = "SELECT g.cluster_id, g.gid_number, g.name_key, g.revision, g.deleted_time"
        if !wanted.groups.isEmpty {
            var (clusters, numbers) = (Column(.text), Column(.number))
            for key in wanted.groups {
                clusters.append(key.cluster.text)
                numbers.append(Int64(key.gidNumber))
            }
            let statement = Statement(
                """
                \(select) FROM unnest($1::text[], $2::bigint[]) AS w (cluster_id, gid_number)
                JOIN groups g ON g.cluster_id = w.cluster_id AND g.gid_number = w.gid_number
                """,
                [clusters.parameter, numbers.parameter])
            reading.append(
                (
                    statement,
                    { ground, rows in
                        for row in rows.indices { ground.groups.learn(Group.Key(rows, row), GroupState(rows, row)) }
                        for key in wanted.groups { ground.groups.learn(key, nil) }
                    }
                ))
        }
        if !wanted.groupNames.isEmpty {
            let statement = Statement(
                """
                \(select) FROM unnest($1::text[], $2::text[]) AS w (cluster_id, name_key)
                JOIN groups g ON g.cluster_id = w.cluster_id AND g.name_key = w.name_key AND g.deleted_time IS NULL
                """,
                Self.columns(wanted.groupNames))
            reading.append(
                (
                    statement,
                    { ground, rows in
                        for row in rows.indices {
                            ground.groupNames.learn(GroupState(rows, row).name, Group.Key(rows, row))
                        }
                        for name in wanted.groupNames { ground.groupNames.learn(name, nil) }
                    }
                ))
        }
        if !wanted.leavers.isEmpty {
            let statement = Statement(
                """
                \(select), m.hpcuser_id FROM group_members m JOIN groups g ON g.cluster_id = m.cluster_id
                AND g.gid_number = m.gid_number WHERE m.hpcuser_id = ANY($1::text[])
                """,
                [.texts(wanted.leavers.map(\.text))])
            reading.append(
                (
                    statement,
                    { ground, rows in
                        var groups: [HPCUserID: Set<Group.Key>] = [:]
                        for row in rows.indices {
                            ground.groups.learn(Group.Key(rows, row), GroupState(rows, row))
                            groups[HPCUserID(stored: rows.text(row, 5)), default: []].insert(Group.Key(rows, row))
                        }
                        for id in wanted.leavers { ground.memberships.learn(id, groups[id] ?? []) }
                    }
                ))
        }
    }

    private static func columns(_ names: Set<NameKey>) -> [Parameter] {
        var (clusters, keys) = (Column(.text), Column(.text))
        for name in names {
            clusters.append(name.cluster.text)
            keys.append(name.key.text)
        }
        return [clusters.parameter, keys.parameter]
    }
}

extension Ground.UserState {
    fileprivate init(_ rows: Rows, _ row: Int) {
        cluster = ClusterID(stored: rows.text(row, 1))
        uidNumber = UInt32(truncatingIfNeeded: rows.number(row, 2))
        name = NameKey(cluster, rows.text(row, 3))
        revision = Revision(rows.number(row, 4))
        deletedTime = rows.numberOrNil(row, 5).map { Timestamp(seconds: $0) }
        storedName = deletedTime == nil ? name : nil
    }
}

extension Ground.GroupState {
    fileprivate init(_ rows: Rows, _ row: Int) {
        name = NameKey(ClusterID(stored: rows.text(row, 0)), rows.text(row, 2))
        revision = Revision(rows.number(row, 3))
        deletedTime = rows.numberOrNil(row, 4).map { Timestamp(seconds: $0) }
    }
}
