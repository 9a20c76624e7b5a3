import RosterModel
import RosterStore

/// One transaction that writes a batch of changes.
final class BatchTransaction {
    private let connection: ServerConnection
    private let pending: [CommitBatcher.PendingCommit]
    private let strategy: WriteStrategy
    private var batch: ChangeBatch
    /// The last event that the jobs include: normally the last one before the batch, unless an older program without
    /// jobs appended others.
    private let lastOfJobs: Int64

    /// How users are written.
    enum WriteStrategy {
        /// A few users, among other changes.
        case individual
        /// Many users, all treated as new. A rule of the tables refuses the change if one is not.
        case bulkInsert
        /// Many users, each of which may be new, present or removed.
        case bulkUpsert
    }

    /// How many users of a large change are sent at once.
    private static let chunkSize = 2000

    /// Begins the transaction, waits for the lock of the revision, and reads the rows that the changes need, in one
    /// round trip.
    /// - Throws: `ServerError`.
    init(
        _ connection: ServerConnection, of pending: [CommitBatcher.PendingCommit], strategy: WriteStrategy,
        chaining: any EventChaining, hints: FreeIDHints
    ) throws(ServerError) {
        self.connection = connection
        self.pending = pending
        self.strategy = strategy
        var readSet = ReadSet()
        // The rows of a large change's users are read chunk by chunk, as they are written.
        if strategy == .individual {
            for case .change(let change, _) in pending.map(\.work) { readSet.add(change, hasUsers: true) }
        }
        let queries = ServerConnection.queries(for: readSet)
        var head = [
            Statement(DirectoryReader.beginWriting), Statement("\(Schema.revision) FOR UPDATE"),
            Statement(LoggedEvent.selectLast), Statement(LoggedEvent.selectLastOfJobs),
        ]
        // Planning, or preparing a chunk of users, takes longer than a small change.
        if strategy != .individual { head.append(Statement("SET LOCAL idle_in_transaction_session_timeout = '120s'")) }
        let answers: [Rows]
        do throws(ServerError) {
            answers = try connection.run(head + queries.map(\.statement))
        } catch {
            if case .refused = error { _ = try? connection.run("ROLLBACK") }
            throw error
        }
        let last = answers[2]
        lastOfJobs = answers[3].number(0, 0)
        batch = ChangeBatch(
            after: Revision(answers[1].number(0, 0)),
            lastEvent: last.count == 0 ? (0, []) : (last.number(0, 0), last.copy(0, 1)), chaining: chaining,
            hints: hints)
        for (query, rows) in zip(queries, answers.dropFirst(head.count)) { query.load(&batch.workingSet, rows) }
    }

    /// Whether there is anything to commit.
    var hasChanges: Bool { batch.hasChanges }

    /// Applies the changes one by one; each takes a revision or leaves no trace.
    /// - Returns: the outcomes, which hold once the transaction is committed.
    /// - Throws: if the transaction cannot continue.
    func apply() throws -> [CommitBatcher.Outcome] {
        try batch.apply(
            pending, from: connection,
            // The lock is held, so no commit comes between these reads.
            basis: { try DirectoryReader(connection).importBasis(for: $0.clusters, ids: $0.ids) },
            writeLarge: strategy == .individual ? nil : writeLarge)
    }

    /// The statements that remain, up to the commit.
    func finalStatements() -> [Statement] {
        var statements = batch.workingSet.statements(at: batch.time)
        var rows = EventRows()
        let events = batch.loggedEvents()
        for logged in events { rows.add(logged) }
        if let last = events.last {
            statements += [rows.insert, LoggedEvent.recordJobs(after: lastOfJobs, through: last.sequence)]
        }
        let newest = batch.newest
        statements.append(
            Statement("UPDATE meta SET number = $1::bigint WHERE name = 'revision'", [.number(newest.number)]))
        statements.append(
            Statement("SELECT pg_notify('\(PrimaryMonitor.channel)', $1::text)", [.text(newest.description)]))
        statements.append(Statement("COMMIT"))
        return statements
    }

    // MARK: Large changes

    /// Writes a change that is alone in its transaction: its users are not all in the working set at once, but written
    /// in chunks.
    private func writeLarge(
        _ change: Change, applier: ChangeApplier<ServerConnection>, batch: inout ChangeBatch,
        progress: @Sendable (Int) -> Void
    ) throws {
        var readSet = ReadSet()
        readSet.add(change, hasUsers: false)
        readSet.clusters.formUnion(Set(change.users.lazy.map(\.cluster)))
        try connection.load(readSet, into: &batch.workingSet)
        try applier.begin(change, on: &batch.workingSet, hasUsers: false)
        for cluster in Set(change.users.lazy.map(\.cluster)) where batch.workingSet.clusters[cluster] == nil {
            throw StoreError.noSuchCluster(cluster)
        }
        if strategy == .bulkUpsert { try checkNew(change) }
        try flush(&batch)
        // The next chunk is prepared while the server works on the previous one.
        var underWay: ServerConnection.PendingBatch?
        for start in stride(from: 0, to: change.users.count, by: Self.chunkSize) {
            progress(start)
            let chunk = change.users[start..<min(start + Self.chunkSize, change.users.count)]
            guard strategy == .bulkInsert else {
                try upsert(chunk, applier: applier, batch: &batch)
                continue
            }
            let next = insertion(of: chunk, applier)
            if let sent = underWay.take() { _ = try connection.answers(to: sent) }
            underWay = try connection.send(next)
        }
        if let sent = underWay.take() { _ = try connection.answers(to: sent) }
        // The rows loaded before do not include the users written since.
        batch.clear()
        try connection.load(readSet, into: &batch.workingSet)
        try applier.finish(change, on: &batch.workingSet)
    }

    /// Checks that the users that must be new are new. A bulk insert needs no such check.
    private func checkNew(_ change: Change) throws {
        let ids = Array(change.newIDs)
        for start in stride(from: 0, to: ids.count, by: Self.chunkSize) {
            let chunk = ids[start..<min(start + Self.chunkSize, ids.count)]
            let taken = try connection.run(
                "SELECT 1 FROM users WHERE hpcuser_id = ANY($1::text[]) LIMIT 1", [.texts(chunk.map(\.text))])
            if taken.count > 0 { throw StoreError.outdated }
        }
    }

    private func insertion(of users: ArraySlice<User>, _ applier: ChangeApplier<ServerConnection>) -> [Statement] {
        var (rows, uids, gids) = (UserRows(), AllocationRows(), AllocationRows())
        var seen: Set<AllocationKey> = []
        for user in users {
            rows.add(user, revision: applier.revision)
            uids.add(
                IDAllocation(
                    cluster: user.cluster, kind: .uid, number: user.uidNumber, name: user.username.text,
                    holder: user.id.text, from: applier.time, until: nil))
            if seen.insert(AllocationKey(cluster: user.cluster, kind: .gid, number: user.gidNumber)).inserted {
                gids.add(
                    IDAllocation(
                        cluster: user.cluster, kind: .gid, number: user.gidNumber, name: user.username.text, holder: "",
                        from: applier.time, until: nil))
            }
        }
        return [rows.insert, uids.insert, gids.insertWhereFree]
    }

    private func upsert(
        _ users: ArraySlice<User>, applier: ChangeApplier<ServerConnection>, batch: inout ChangeBatch
    ) throws {
        var readSet = ReadSet()
        for user in users { readSet.add(user, uid: user.uidNumber) }
        try connection.load(readSet, into: &batch.workingSet)
        for user in users { try applier.upsert(user, on: &batch.workingSet) }
        try flush(&batch)
    }

    /// Writes what was applied so far, and clears the working set.
    private func flush(_ batch: inout ChangeBatch) throws {
        let statements = batch.workingSet.statements(at: batch.time)
        if !statements.isEmpty { _ = try connection.run(statements) }
        batch.clear()
    }
}
