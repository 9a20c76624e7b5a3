import RosterModel
package import RosterStore

extension PostgresStore: CopyableStore {
    package func export(to receiver: some RecordReceiver) async throws(StoreError) {
        do throws(StoreError) {
            try await makeCopyConnection().run { connection in
                try DirectoryReader(connection).transaction { try Self.export(connection, to: receiver) }
            }
            receiver.close()
        } catch {
            receiver.cancel()
            throw error
        }
    }

    private static func export(_ connection: ServerConnection, to receiver: some RecordReceiver) throws {
        let all = [Parameter.number(0)]
        let answers = try connection.run([
            DirectoryReader.newest, Statement(Cluster.select, all), Statement(Group.select, all),
            Statement(Group.selectMembers, all), Statement(AccessKey.select, all),
            Statement("SELECT cluster_id, gid_number, deleted_time FROM groups WHERE deleted_time IS NOT NULL"),
            Statement(IdempotencyRecord.select), Statement(MapEntry.select, all),
            Statement(AttributeDeclaration.select, all), Statement(DeletionRecord.select),
        ])
        let logins = LoginHistory(try connection.run(LoginHistory.select(since: nil)))
        _ = receiver.send(.revision(Revision(answers[0].number(0, 0))))
        for row in answers[1].indices { _ = receiver.send(.cluster(Cluster(answers[1], row))) }
        var goesOn = true
        try connection.copy(User.select, columns: UserColumn.allCases.count) { row in
            guard goesOn else { return }
            goesOn = receiver.send(.user(User(UserView(columns: row)), removed: row.deletedTime))
        }
        for row in answers[9].indices { _ = receiver.send(.deletion(DeletionRecord(answers[9], row))) }
        let groups = Group.read(answers[2], members: answers[3])
        for group in groups.present { _ = receiver.send(.group(group, removed: nil)) }
        var times: [Group.Key: Timestamp] = [:]
        for row in answers[5].indices {
            times[Group.Key(answers[5], row)] = Timestamp(seconds: answers[5].number(row, 2))
        }
        for group in groups.removed { _ = receiver.send(.group(group, removed: times[group.key])) }
        for (entry, removed) in MapEntry.read(answers[7]) { _ = receiver.send(.mapEntry(entry, removed: removed)) }
        for row in answers[4].indices {
            if let key = AccessKey(answers[4], row) { _ = receiver.send(.key(key)) }
        }
        for declaration in AttributeDeclaration.read(answers[8]) { _ = receiver.send(.attribute(declaration)) }
        _ = receiver.send(.loginsSince(logins.since))
        for login in logins.logins { _ = receiver.send(.login(login)) }
        let requests = answers[6]
        for row in requests.indices {
            _ = receiver.send(.request(IdempotencyRecord(requests, row)))
        }
        try connection.copy(IDAllocation.selectAll, columns: IDAllocation.columnCount) { row in
            guard goesOn, let allocation = IDAllocation(row) else { return }
            goesOn = receiver.send(.allocation(allocation))
        }
        var last: Int64 = 0
        while goesOn {
            let rows = try connection.run(LoggedEvent.select, [.number(last), .number(10_000)])
            for row in rows.indices {
                let logged = LoggedEvent(rows, row)
                last = logged.sequence
                goesOn = receiver.send(.event(logged)) && goesOn
            }
            if rows.count == 0 { break }
        }
    }

    package func restore(from channel: BoundedChannel) async throws(StoreError) {
        do throws(StoreError) {
            try await makeCopyConnection().run { connection in
                try connection.run(DirectoryReader.beginWriting)
                do {
                    try RecordWriter(connection).writeAll(from: channel)
                } catch {
                    if PostgresStore.mayRollBack(error) { _ = try? connection.run("ROLLBACK") }
                    throw error
                }
                do {
                    try connection.run("COMMIT")
                } catch ServerError.lost(let cause) {
                    throw StoreError.uncertain(cause: cause)
                }
            }
        } catch {
            channel.cancel()
            throw error
        }
    }
}

/// Writes the records of another store into an empty database.
private struct RecordWriter {
    private let connection: ServerConnection

    init(_ connection: ServerConnection) {
        self.connection = connection
    }

    /// - Throws: `notEmpty`; `unavailable` if the channel ended early; `ServerError`.
    func writeAll(from channel: BoundedChannel) throws {
        let found = try connection.run([
            Statement("\(Schema.revision) FOR UPDATE"), Statement("SELECT 1 FROM users LIMIT 1"),
            Statement("SELECT 1 FROM clusters LIMIT 1"), Statement("SELECT 1 FROM access_keys LIMIT 1"),
        ])
        guard found[0].number(0, 0) == 0, found.dropFirst().allSatisfy({ $0.count == 0 }) else {
            throw StoreError.notEmpty
        }
        while let batch = channel.receive() { _ = try connection.run(statements(batch)) }
        guard channel.isComplete else {
            throw StoreError.unavailable(cause: "the other store could not be read to its end")
        }
    }

    /// The statements that write a batch, ordered so that referenced rows come first.
    private func statements(_ batch: [StoreRecord]) -> [Statement] {
        var (first, later): ([Statement], [Statement]) = ([], [])
        var (users, allocations, events) = (UserRows(), AllocationRows(), EventRows())
        var requests = RequestRows()
        var mapEntries = MapEntryRows()
        var deletions = DeletionRows()
        var logins: [LoginRecord] = []
        var hasAllocations = false
        var (firstEvent, lastEvent): (Int64?, Int64?)
        for record in batch {
            switch record {
            case .revision(let revision):
                first.append(
                    Statement(
                        "UPDATE meta SET number = $1::bigint WHERE name = 'revision'", [.number(revision.number)]))
            case .cluster(let cluster): first.append(cluster.upsert(revision: cluster.revision))
            case .user(let user, let removed): users.add(user, revision: user.revision, deletedTime: removed)
            case .deletion(let record): deletions.add(record)
            case .group(let group, let removed):
                later.append(group.upsert(revision: group.revision, deletedTime: removed))
                if !group.members.isEmpty { later.append(group.insertMembers) }
            case .mapEntry(let entry, let removed):
                mapEntries.add(entry, revision: entry.revision, deletedTime: removed)
            case .allocation(let allocation):
                hasAllocations = true
                allocations.add(allocation)
            case .key(let key): later.append(key.upsert(revision: key.revision))
            case .attribute(let declaration): later.append(declaration.upsert)
            case .event(let logged):
                events.add(logged)
                firstEvent = firstEvent ?? logged.sequence
                lastEvent = logged.sequence
            case .request(let request): requests.add(request)
            case .loginsSince(let time): later.append(LoginHistory.set(since: time))
            case .login(let login): logins.append(login)
            }
        }
        var eventStatements: [Statement] = []
        if let firstEvent, let lastEvent {
            eventStatements = [events.insert, LoggedEvent.recordJobs(after: firstEvent - 1, through: lastEvent)]
        }
        return first + (users.count > 0 ? [users.insert] : []) + (deletions.count > 0 ? [deletions.upsert] : [])
            + later
            + (mapEntries.count > 0 ? [mapEntries.upsert] : []) + (hasAllocations ? [allocations.insert] : [])
            + eventStatements
            + (requests.count > 0 ? [requests.upsert] : []) + (logins.isEmpty ? [] : [LoginHistory.merge(logins)])
    }
}
