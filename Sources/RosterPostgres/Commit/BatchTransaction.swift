import RosterModel
import RosterStore

/// One transaction that writes a group of changes.
struct BatchTransaction {
    private let connection: ServerConnection
    private let orders: [CommitBatcher.PendingCommit]
    private let way: WriteStrategy
    private let chaining: any EventChaining
    private let gaps: FreeIDHints
    private var workingSet = WorkingSet()
    private let before: Revision
    private var newest: Revision
    private var lastEvent: (sequence: Int64, code: [UInt8])
    /// The earliest time of the changes.
    private var oldest: Timestamp?

    /// How users are written.
    enum WriteStrategy {
        /// A few, among other changes.
        case single
        /// A great many, as if all were new: a rule of the tables refuses it where one is not.
        case quick
        /// A great many, whatever they are.
        case thorough
    }

    /// How many users of a great many are sent at once.
    private static let batch = 2000

    /// Begins the transaction, waits for the lock of the revision, and reads what the changes stand on, all in one go.
    /// - Throws: `ServerError`.
    init(
        _ connection: ServerConnection, _ orders: [CommitBatcher.PendingCommit], _ way: WriteStrategy,
        chaining: any EventChaining,
        gaps: FreeIDHints
    ) throws(ServerError) {
        self.connection = connection
        self.orders = orders
        self.way = way
        self.chaining = chaining
        self.gaps = gaps
        var readSet = ReadSet()
        // A change of a great many users is read for as it is written.
        if way == .single {
            for case .change(let change, _) in orders.map(\.work) { readSet.add(change, hasUsers: true) }
        }
        let reading = workingSet.reading(readSet)
        var head = [
            Statement(DirectoryReader.beginWriting), Statement("\(Schema.revision) FOR UPDATE"),
            Statement(LoggedEvent.selectLast),
        ]
        // A plan, or a batch of users, takes longer to make than a judgement.
        if way != .single { head.append(Statement("SET LOCAL idle_in_transaction_session_timeout = '120s'")) }
        let answers: [Rows]
        do throws(ServerError) {
            answers = try connection.run(head + reading.map(\.statement))
        } catch {
            if case .refused = error { _ = try? connection.run("ROLLBACK") }
            throw error
        }
        before = Revision(answers[1].number(0, 0))
        newest = before
        let last = answers[2]
        lastEvent = last.count == 0 ? (0, []) : (last.number(0, 0), last.copy(0, 1))
        for (step, rows) in zip(reading, answers.dropFirst(head.count)) { step.learn(&workingSet, rows) }
    }

    /// Whether there is anything to commit.
    var hasWritten: Bool { newest > before }

    /// Judges the changes one after the other; each takes a revision or leaves no trace.
    /// - Returns: their outcomes, true once the transaction is committed.
    /// - Throws: where the transaction cannot go on.
    mutating func judge() throws -> [CommitBatcher.Outcome] {
        var outcomes: [CommitBatcher.Outcome] = []
        for order in orders {
            do {
                let change = try change(of: order)
                oldest = min(oldest ?? change.time, change.time)
                let judge = ChangeApplier(revision: newest.next, time: change.time, gaps: gaps, connection: connection)
                if way == .single {
                    try judge.begin(change, on: &workingSet, hasUsers: true)
                    for user in change.users { try judge.put(user, on: &workingSet) }
                    try judge.finish(change, on: &workingSet)
                } else {
                    try writeLarge(change, judge, progress: order.progress)
                }
                workingSet.keep()
                newest = newest.next
                outcomes.append(.success(newest))
            } catch let failure as StoreError {
                workingSet.revert()
                gaps.forget()
                outcomes.append(.failure(failure))
            }
        }
        return outcomes
    }

    /// What is to be written.
    /// - Throws: `outdated`; `ServerError`.
    private func change(of order: CommitBatcher.PendingCommit) throws -> Change {
        switch order.work {
        case .change(let change, let expected):
            guard expected.map({ $0 == newest }) ?? true else { throw StoreError.outdated }
            return change
        case .plan(let planned):
            // The lock is held: nobody commits between these reads.
            let basis = try DirectoryReader(connection).importBasis(for: planned.clusters, ids: planned.ids)
            guard let change = planned.plan(basis) else { throw StoreError.outdated }
            return change
        }
    }

    /// What is left to be written, up to the commit.
    mutating func rest() -> [Statement] {
        var statements = workingSet.writing(at: oldest ?? Timestamp(seconds: 0))
        var rows = EventRows()
        for event in workingSet.events {
            lastEvent.sequence += 1
            lastEvent.code = chaining.code(after: lastEvent.code, of: event.chainedBytes(sequence: lastEvent.sequence))
            rows.add(LoggedEvent(sequence: lastEvent.sequence, event: event, code: lastEvent.code))
        }
        if rows.count > 0 { statements.append(rows.insert) }
        statements.append(
            Statement("UPDATE meta SET number = $1::bigint WHERE name = 'revision'", [.number(newest.number)]))
        statements.append(
            Statement("SELECT pg_notify('\(PrimaryMonitor.channel)', $1::text)", [.text(newest.description)]))
        statements.append(Statement("COMMIT"))
        return statements
    }

    // MARK: A great many users

    /// Writes a change that is alone in its transaction: its users are not kept in memory, but written batch by batch.
    private mutating func writeLarge(
        _ change: Change, _ judge: ChangeApplier, progress: @Sendable (Int) -> Void
    ) throws {
        var readSet = ReadSet()
        readSet.add(change, hasUsers: false)
        readSet.clusters.formUnion(Set(change.users.lazy.map(\.cluster)))
        try workingSet.read(readSet, connection)
        try judge.begin(change, on: &workingSet, hasUsers: false)
        for cluster in Set(change.users.lazy.map(\.cluster)) where workingSet.clusters[cluster] == nil {
            throw StoreError.noSuchCluster(cluster)
        }
        if way == .thorough { try checkNew(change) }
        try flush()
        // While the server works on one batch the next one is made.
        var underWay: ServerConnection.PendingBatch?
        for start in stride(from: 0, to: change.users.count, by: Self.batch) {
            progress(start)
            let batch = change.users[start..<min(start + Self.batch, change.users.count)]
            guard way == .quick else {
                try put(batch, judge)
                continue
            }
            let next = insertion(of: batch, judge)
            if let sent = underWay.take() { _ = try connection.answers(to: sent) }
            underWay = try connection.send(next)
        }
        if let sent = underWay.take() { _ = try connection.answers(to: sent) }
        workingSet.largest.clear()
        try workingSet.read(readSet, connection)
        try judge.finish(change, on: &workingSet)
    }

    /// Those that must be new, for the quick way finds it out by itself.
    private func checkNew(_ change: Change) throws {
        let ids = Array(change.newIDs)
        for start in stride(from: 0, to: ids.count, by: Self.batch) {
            let batch = ids[start..<min(start + Self.batch, ids.count)]
            let taken = try connection.run(
                "SELECT 1 FROM users WHERE hpcuser_id = ANY($1::text[]) LIMIT 1", [.texts(batch.map(\.text))])
            if taken.count > 0 { throw StoreError.outdated }
        }
    }

    private func insertion(of users: ArraySlice<User>, _ judge: ChangeApplier) -> [Statement] {
        var (rows, uids, gids) = (UserRows(), AllocationRows(), AllocationRows())
        var seen: Set<AllocationKey> = []
        for user in users {
            rows.add(user, revision: judge.revision)
            uids.add(
                IDAllocation(
                    cluster: user.cluster, kind: .uid, number: user.uidNumber, name: user.username.text,
                    holder: user.id.text, from: judge.time, until: nil))
            if seen.insert(AllocationKey(cluster: user.cluster, kind: .gid, number: user.gidNumber)).inserted {
                gids.add(
                    IDAllocation(
                        cluster: user.cluster, kind: .gid, number: user.gidNumber, name: user.username.text, holder: "",
                        from: judge.time, until: nil))
            }
        }
        return [rows.insert, uids.insert, gids.insertWhereFree]
    }

    private mutating func put(_ users: ArraySlice<User>, _ judge: ChangeApplier) throws {
        var readSet = ReadSet()
        for user in users { readSet.add(user, uid: user.uidNumber) }
        try workingSet.read(readSet, connection)
        for user in users { try judge.put(user, on: &workingSet) }
        try flush()
    }

    /// Writes what was judged so far, and forgets it.
    private mutating func flush() throws {
        let statements = workingSet.writing(at: oldest ?? Timestamp(seconds: 0))
        if !statements.isEmpty { _ = try connection.run(statements) }
        workingSet.clear()
    }
}
