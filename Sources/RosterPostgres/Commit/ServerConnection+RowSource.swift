import RosterModel
import RosterStore

extension ServerConnection: RowSource {
    /// A statement, and how its rows are loaded.
    typealias RowQuery = (statement: Statement, load: (inout WorkingSet, Rows) -> Void)

    /// Reads everything in one round trip.
    func load(_ readSet: ReadSet, into workingSet: inout WorkingSet) throws {
        let queries = Self.queries(for: readSet)
        guard !queries.isEmpty else { return }
        let answers = try run(queries.map(\.statement))
        for (query, rows) in zip(queries, answers) { query.load(&workingSet, rows) }
    }

    func allocatedNumbers(of range: NumberRange, from first: UInt32, limit: Int) throws -> [UInt32] {
        let rows = try run(
            """
            SELECT number FROM number_ledger WHERE cluster_id = $1::text AND kind = $2::text
            AND number BETWEEN $3::bigint AND $4::bigint ORDER BY number LIMIT $5::bigint
            """,
            [
                .text(range.cluster.text), .text(range.kind.rawValue), .number(Int64(first)),
                .number(Int64(range.numbers.upperBound)), .number(Int64(limit)),
            ])
        return rows.indices.map { UInt32(truncatingIfNeeded: rows.number($0, 0)) }
    }

    /// The queries that read everything that `readSet` names.
    static func queries(for readSet: ReadSet) -> [RowQuery] {
        var queries: [RowQuery] = []
        func read(
            _ isWanted: Bool, sql: String, parameters: @autoclosure () -> [Parameter],
            load: @escaping (inout WorkingSet, Rows) -> Void
        ) {
            if isWanted { queries.append((Statement(sql, parameters()), load)) }
        }
        var requestColumn = ArrayParameter(.bytes)
        for digest in readSet.requests { requestColumn.append(bytes: digest) }
        read(
            !readSet.requests.isEmpty,
            sql: "\(IdempotencyRecord.select) WHERE digest = ANY($1::bytea[])",
            parameters: [requestColumn.parameter]
        ) { workingSet, rows in
            for row in rows.indices { workingSet.requests.load(rows.copy(row, 0), IdempotencyRecord(rows, row)) }
            for digest in readSet.requests { workingSet.requests.load(digest, nil) }
        }
        read(
            !readSet.clusters.isEmpty,
            sql: "SELECT cluster_id, revision FROM clusters WHERE cluster_id = ANY($1::text[])",
            parameters: [.texts(readSet.clusters.map(\.text))]
        ) { workingSet, rows in
            for row in rows.indices {
                let state = WorkingSet.ClusterState(revision: Revision(rows.number(row, 1)))
                workingSet.clusters.load(ClusterID(stored: rows.text(row, 0)), state)
            }
            for id in readSet.clusters { workingSet.clusters.load(id, nil) }
        }
        read(
            !readSet.users.isEmpty,
            sql: """
                SELECT hpcuser_id, cluster_id, uid_number, name_key, revision, deleted_time FROM users
                WHERE hpcuser_id = ANY($1::text[])
                """,
            parameters: [.texts(readSet.users.map(\.text))]
        ) { workingSet, rows in
            for row in rows.indices {
                workingSet.users.load(HPCUserID(stored: rows.text(row, 0)), WorkingSet.UserState(rows, row))
            }
            for id in readSet.users { workingSet.users.load(id, nil) }
        }
        read(
            !readSet.names.isEmpty,
            sql: """
                SELECT u.cluster_id, u.name_key, u.hpcuser_id FROM unnest($1::text[], $2::text[]) AS w (cluster_id, name_key)
                JOIN users u ON u.cluster_id = w.cluster_id AND u.name_key = w.name_key AND u.deleted_time IS NULL
                """,
            parameters: columns(readSet.names)
        ) { workingSet, rows in
            for row in rows.indices {
                let name = NameKey(ClusterID(stored: rows.text(row, 0)), rows.text(row, 1))
                workingSet.names.load(name, HPCUserID(stored: rows.text(row, 2)))
            }
            for name in readSet.names { workingSet.names.load(name, nil) }
        }
        readAllocations(readSet, into: &queries)
        readGroups(readSet, into: &queries)
        read(
            !readSet.mapEntries.isEmpty,
            sql: """
                SELECT m.cluster_id, m.place_key, m.revision, m.deleted_time
                FROM unnest($1::text[], $2::text[]) AS w (cluster_id, place_key)
                JOIN map_entries m ON m.cluster_id = w.cluster_id AND m.place_key = w.place_key
                """,
            parameters: [
                .texts(readSet.mapEntries.map(\.cluster.text)), .texts(readSet.mapEntries.map(\.place.text)),
            ]
        ) { workingSet, rows in
            for row in rows.indices {
                let key = MapEntry.Key(
                    cluster: ClusterID(stored: rows.text(row, 0)), place: MapPlace.Key(stored: rows.text(row, 1)))
                workingSet.mapEntries.load(
                    key,
                    .init(
                        revision: Revision(rows.number(row, 2)),
                        deletedTime: rows.numberOrNil(row, 3).map { Timestamp(seconds: $0) }))
            }
            for key in readSet.mapEntries { workingSet.mapEntries.load(key, nil) }
        }
        read(
            !readSet.keys.isEmpty,
            sql: "SELECT access_key_id, revision FROM access_keys WHERE access_key_id = ANY($1::text[])",
            parameters: [.texts(readSet.keys.map(\.text))]
        ) { workingSet, rows in
            for row in rows.indices {
                let state = WorkingSet.KeyState(revision: Revision(rows.number(row, 1)))
                workingSet.keys.load(AccessKeyID(stored: rows.text(row, 0)), state)
            }
            for id in readSet.keys { workingSet.keys.load(id, nil) }
        }
        for cluster in readSet.inhabitedClusters {
            // One row more than are removed shows that a user remains.
            read(
                true,
                sql:
                    "SELECT hpcuser_id FROM users WHERE cluster_id = $1::text AND deleted_time IS NULL LIMIT $2::bigint",
                parameters: [.text(cluster.text), .number(Int64(readSet.removedUsers.count + 1))]
            ) { workingSet, rows in
                workingSet.inhabitants[cluster] = rows.indices.map { HPCUserID(stored: rows.text($0, 0)) }
            }
        }
        return queries
    }

    private static func readAllocations(_ readSet: ReadSet, into queries: inout [RowQuery]) {
        let select = "SELECT l.cluster_id, l.kind, l.number, l.name, l.holder, l.from_time, l.until_time"
        func load(_ workingSet: inout WorkingSet, _ rows: Rows) {
            for row in rows.indices {
                guard let allocation = IDAllocation(rows, row) else { continue }
                workingSet.allocations.load(AllocationKey(allocation), allocation)
            }
        }
        if !readSet.allocations.isEmpty {
            var (clusters, kinds, numbers) = (ArrayParameter(.text), ArrayParameter(.text), ArrayParameter(.number))
            for key in readSet.allocations {
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
            queries.append(
                (
                    statement,
                    { workingSet, rows in
                        load(&workingSet, rows)
                        for key in readSet.allocations { workingSet.allocations.load(key, nil) }
                    }
                ))
        }
        if !readSet.removedUsers.isEmpty {
            let statement = Statement(
                """
                \(select) FROM users u JOIN number_ledger l ON l.cluster_id = u.cluster_id AND l.kind = 'uid'
                AND l.number = u.uid_number WHERE u.hpcuser_id = ANY($1::text[])
                """,
                [.texts(readSet.removedUsers.map(\.text))])
            queries.append((statement, load))
        }
        for range in readSet.ranges {
            let statement = Statement(
                """
                SELECT number FROM number_ledger WHERE cluster_id = $1::text AND kind = $2::text
                AND number BETWEEN $3::bigint AND $4::bigint ORDER BY number DESC LIMIT 1
                """,
                [
                    .text(range.cluster.text), .text(range.kind.rawValue), .number(Int64(range.numbers.lowerBound)),
                    .number(Int64(range.numbers.upperBound)),
                ])
            queries.append(
                (
                    statement,
                    { workingSet, rows in
                        let number = rows.count == 0 ? nil : UInt32(truncatingIfNeeded: rows.number(0, 0))
                        workingSet.largest.load(range, number)
                    }
                ))
        }
    }

    private static func readGroups(_ readSet: ReadSet, into queries: inout [RowQuery]) {
        let select = "SELECT g.cluster_id, g.gid_number, g.name_key, g.revision, g.deleted_time"
        if !readSet.groups.isEmpty {
            var (clusters, numbers) = (ArrayParameter(.text), ArrayParameter(.number))
            for key in readSet.groups {
                clusters.append(key.cluster.text)
                numbers.append(Int64(key.gidNumber))
            }
            let statement = Statement(
                """
                \(select) FROM unnest($1::text[], $2::bigint[]) AS w (cluster_id, gid_number)
                JOIN groups g ON g.cluster_id = w.cluster_id AND g.gid_number = w.gid_number
                """,
                [clusters.parameter, numbers.parameter])
            queries.append(
                (
                    statement,
                    { workingSet, rows in
                        for row in rows.indices {
                            workingSet.groups.load(Group.Key(rows, row), WorkingSet.GroupState(rows, row))
                        }
                        for key in readSet.groups { workingSet.groups.load(key, nil) }
                    }
                ))
        }
        if !readSet.groupNames.isEmpty {
            let statement = Statement(
                """
                \(select) FROM unnest($1::text[], $2::text[]) AS w (cluster_id, name_key)
                JOIN groups g ON g.cluster_id = w.cluster_id AND g.name_key = w.name_key AND g.deleted_time IS NULL
                """,
                columns(readSet.groupNames))
            queries.append(
                (
                    statement,
                    { workingSet, rows in
                        for row in rows.indices {
                            workingSet.groupNames.load(WorkingSet.GroupState(rows, row).name, Group.Key(rows, row))
                        }
                        for name in readSet.groupNames { workingSet.groupNames.load(name, nil) }
                    }
                ))
        }
        if !readSet.removedUsers.isEmpty {
            let statement = Statement(
                """
                \(select), m.hpcuser_id FROM group_members m JOIN groups g ON g.cluster_id = m.cluster_id
                AND g.gid_number = m.gid_number WHERE m.hpcuser_id = ANY($1::text[])
                """,
                [.texts(readSet.removedUsers.map(\.text))])
            queries.append(
                (
                    statement,
                    { workingSet, rows in
                        var groups: [HPCUserID: Set<Group.Key>] = [:]
                        for row in rows.indices {
                            workingSet.groups.load(Group.Key(rows, row), WorkingSet.GroupState(rows, row))
                            groups[HPCUserID(stored: rows.text(row, 5)), default: []].insert(Group.Key(rows, row))
                        }
                        for id in readSet.removedUsers { workingSet.memberships.load(id, groups[id] ?? []) }
                    }
                ))
        }
    }

    private static func columns(_ names: Set<NameKey>) -> [Parameter] {
        var (clusters, keys) = (ArrayParameter(.text), ArrayParameter(.text))
        for name in names {
            clusters.append(name.cluster.text)
            keys.append(name.key.text)
        }
        return [clusters.parameter, keys.parameter]
    }
}

extension WorkingSet.UserState {
    fileprivate init(_ rows: Rows, _ row: Int) {
        let cluster = ClusterID(stored: rows.text(row, 1))
        self.init(
            cluster: cluster, uidNumber: UInt32(truncatingIfNeeded: rows.number(row, 2)),
            name: NameKey(cluster, rows.text(row, 3)), revision: Revision(rows.number(row, 4)),
            deletedTime: rows.numberOrNil(row, 5).map { Timestamp(seconds: $0) })
    }
}

extension WorkingSet.GroupState {
    fileprivate init(_ rows: Rows, _ row: Int) {
        self.init(
            name: NameKey(ClusterID(stored: rows.text(row, 0)), rows.text(row, 2)),
            revision: Revision(rows.number(row, 3)),
            deletedTime: rows.numberOrNil(row, 4).map { Timestamp(seconds: $0) })
    }
}
