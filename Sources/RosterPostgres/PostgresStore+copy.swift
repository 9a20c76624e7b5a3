package import Roster

extension PostgresStore: CopyableStore {
    package func pour(into handover: RecordHandover) async throws(StoreFailure) {
        do throws(StoreFailure) {
            try await copier.run { connection in
                try Reading(connection).transaction { try Self.pour(connection, into: handover) }
            }
            handover.close()
        } catch {
            handover.abandon()
            throw error
        }
    }

    private static func pour(_ connection: ServerConnection, into handover: RecordHandover) throws {
        let all = [Parameter.number(0)]
        let answers = try connection.run([
            Reading.newest, Statement(Cluster.select, all), Statement(Group.select, all),
            Statement(Group.selectMembers, all), Statement(AccessKey.select, all),
            Statement("SELECT cluster_id, gid_number, deleted_time FROM groups WHERE deleted_time IS NOT NULL"),
            Statement("SELECT digest, expires, job_id, code, message FROM answered_requests"),
        ])
        _ = handover.put(.revision(Revision(answers[0].number(0, 0))))
        for row in answers[1].indices { _ = handover.put(.cluster(Cluster(answers[1], row))) }
        var goesOn = true
        try connection.copy("SELECT \(User.columns) FROM users", columns: User.columnCount) { row in
            guard goesOn else { return }
            let removed = row[User.deletedColumn]
            let time = removed.baseAddress == nil ? nil : Timestamp(seconds: removed.bigEndianNumber)
            goesOn = handover.put(.user(User(UserFields { row[$0] }), removed: time))
        }
        let groups = Group.read(answers[2], members: answers[3])
        for group in groups.present { _ = handover.put(.group(group, removed: nil)) }
        var times: [Group.Key: Timestamp] = [:]
        for row in answers[5].indices {
            times[Group.Key(answers[5], row)] = Timestamp(seconds: answers[5].number(row, 2))
        }
        for group in groups.removed { _ = handover.put(.group(group, removed: times[group.key])) }
        for row in answers[4].indices {
            if let key = AccessKey(answers[4], row) { _ = handover.put(.key(key)) }
        }
        let requests = answers[6]
        for row in requests.indices {
            let answered = Ground.Answered(requests, row)
            _ = handover.put(
                .request(
                    AnsweredRequest(
                        digest: requests.copy(row, 0), forgottenAfter: answered.forgottenAfter,
                        outcome: answered.outcome)))
        }
        try connection.copy(NumberGrant.selectAll, columns: NumberGrant.columnCount) { row in
            guard goesOn, let grant = NumberGrant(row) else { return }
            goesOn = handover.put(.grant(grant))
        }
        var last: Int64 = 0
        while goesOn {
            let rows = try connection.run(LoggedEvent.select, [.number(last), .number(10_000)])
            for row in rows.indices {
                let logged = LoggedEvent(rows, row)
                last = logged.sequence
                goesOn = handover.put(.event(logged)) && goesOn
            }
            if rows.count == 0 { break }
        }
    }

    package func fill(from handover: RecordHandover) async throws(StoreFailure) {
        do throws(StoreFailure) {
            try await copier.run { connection in
                try connection.run(Reading.beginWriting)
                do {
                    try RecordWriter(connection).writeAll(from: handover)
                } catch {
                    if PostgresStore.mayRollBack(error) { _ = try? connection.run("ROLLBACK") }
                    throw error
                }
                do {
                    try connection.run("COMMIT")
                } catch ServerError.lost(let cause) {
                    throw StoreFailure.uncertain(cause: cause)
                }
            }
        } catch {
            handover.abandon()
            throw error
        }
    }
}

/// Writes the records of another store into a database that holds none.
private struct RecordWriter {
    private let connection: ServerConnection

    init(_ connection: ServerConnection) {
        self.connection = connection
    }

    /// - Throws: `notEmpty`; `unavailable` where not everything was handed over; `ServerError`.
    func writeAll(from handover: RecordHandover) throws {
        let found = try connection.run([
            Statement("\(Schema.revision) FOR UPDATE"), Statement("SELECT 1 FROM users LIMIT 1"),
            Statement("SELECT 1 FROM clusters LIMIT 1"), Statement("SELECT 1 FROM access_keys LIMIT 1"),
        ])
        guard found[0].number(0, 0) == 0, found.dropFirst().allSatisfy({ $0.count == 0 }) else {
            throw StoreFailure.notEmpty
        }
        while let batch = handover.next() { _ = try connection.run(statements(batch)) }
        guard handover.isWhole else {
            throw StoreFailure.unavailable(cause: "the other store could not be read to its end")
        }
    }

    /// What writes a batch, in the order of what stands on what.
    private func statements(_ batch: [StoreRecord]) -> [Statement] {
        var (first, later): ([Statement], [Statement]) = ([], [])
        var (users, grants, events) = (UserRows(), GrantRows(), EventRows())
        var requests = RequestRows()
        var hasGrants = false
        for record in batch {
            switch record {
            case .revision(let revision):
                first.append(
                    Statement(
                        "UPDATE meta SET number = $1::bigint WHERE name = 'revision'", [.number(revision.number)]))
            case .cluster(let cluster): first.append(cluster.upsert(revision: cluster.revision))
            case .user(let user, let removed): users.add(user, revision: user.revision, deletedTime: removed)
            case .group(let group, let removed):
                later.append(group.upsert(revision: group.revision, deletedTime: removed))
                if !group.members.isEmpty { later.append(group.insertMembers) }
            case .grant(let grant):
                hasGrants = true
                grants.add(grant)
            case .key(let key): later.append(key.upsert(revision: key.revision))
            case .event(let logged): events.add(logged)
            case .request(let request): requests.add(request)
            }
        }
        return first + (users.count > 0 ? [users.insert] : []) + later + (hasGrants ? [grants.insert] : [])
            + (events.count > 0 ? [events.insert] : []) + (requests.count > 0 ? [requests.upsert] : [])
    }
}
