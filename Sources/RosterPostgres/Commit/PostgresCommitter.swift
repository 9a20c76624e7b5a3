import RosterModel
import RosterStore

/// Commits the waiting changes, batch by batch, each batch in one transaction.
///
/// A transaction first locks the row of the revision. Its holder is the only writer, on any replica, so revisions have
/// no gaps, and what a change was checked against stays true until the commit (docs/decisions/0006).
final class PostgresCommitter: Sendable {
    private let queue: ConnectionQueue
    private let chaining: any EventChaining
    private let hints = FreeIDHints()
    private let batcher = CommitBatcher()

    /// How long the final step of a commit may take, in which a standby may have to confirm it.
    private static let commitPatience = Duration.seconds(10)
    /// The same for a change of many users.
    private static let largeCommitPatience = Duration.seconds(120)

    private typealias Outcome = CommitBatcher.Outcome
    private typealias PendingCommit = CommitBatcher.PendingCommit

    init(queue: ConnectionQueue, chaining: any EventChaining) {
        self.queue = queue
        self.chaining = chaining
    }

    /// Commits `work` together with whatever else waits.
    func commit(
        _ work: CommitBatcher.Work, progress: @escaping @Sendable (Int) -> Void
    ) async -> CommitBatcher.Outcome {
        await batcher.join(work, progress: progress, start: start)
    }

    /// Writes on the connection's thread until nothing waits.
    private func start() {
        queue.start { queue in self.batcher.writeAll { batch in self.write(batch, queue) } }
    }

    private func write(_ batch: [PendingCommit], _ queue: ConnectionQueue) -> [Outcome] {
        let isLarge = batch.count == 1 && batch[0].isAlone
        var result = Result { try attempt(batch, strategy: isLarge ? .bulkInsert : .individual, queue: queue) }
        if case .failure(let error as ServerError) = result, error.isOfTheChange {
            // The server refused one change; write each one alone, so that the others need not fail with it.
            if batch.count > 1 { return batch.flatMap { pending in write([pending], queue) } }
            // Some of the users exist already; the other strategy can write them.
            if isLarge { result = Result { try attempt(batch, strategy: .bulkUpsert, queue: queue) } }
        }
        // If another process holds the lock that long, every waiting batch would wait just as long in turn.
        if case .failure(let error as ServerError) = result, error.isLockTimeout { batcher.refuseWaiting(.busy) }
        switch result {
        case .success(let outcomes): return outcomes
        case .failure(let error): return batch.map { _ in .failure(StoreError(translating: error)) }
        }
    }

    private func attempt(_ batch: [PendingCommit], strategy: BatchTransaction.WriteStrategy, queue: ConnectionQueue)
        throws -> [Outcome]
    {
        let kept = try queue.connected()
        let first = Result { try begin(batch, strategy: strategy, connection: kept) }
        // The reused connection may have died long ago, and nothing was written on it yet: try a new one.
        if case .failure(ServerError.lost) = first {
            let fresh = try queue.connected()
            return try finish(
                try begin(batch, strategy: strategy, connection: fresh), strategy: strategy, connection: fresh)
        }
        return try finish(try first.get(), strategy: strategy, connection: kept)
    }

    private func begin(
        _ batch: [PendingCommit], strategy: BatchTransaction.WriteStrategy, connection: ServerConnection
    ) throws(ServerError) -> BatchTransaction {
        try BatchTransaction(connection, of: batch, strategy: strategy, chaining: chaining, hints: hints)
    }

    private func finish(
        _ transaction: BatchTransaction, strategy: BatchTransaction.WriteStrategy, connection: ServerConnection
    ) throws -> [Outcome] {
        do {
            let outcomes = try transaction.apply()
            if transaction.hasChanges {
                try commit(transaction.finalStatements(), strategy: strategy, connection: connection)
            } else {
                try connection.run("ROLLBACK")
            }
            return outcomes
        } catch {
            hints.forget()
            if PostgresStore.mayRollBack(error) { _ = try? connection.run("ROLLBACK") }
            throw error
        }
    }

    private func commit(_ rest: [Statement], strategy: BatchTransaction.WriteStrategy, connection: ServerConnection)
        throws
    {
        do throws(ServerError) {
            _ = connection.consumeWarning()
            _ = try connection.run(
                rest, silence: strategy == .individual ? Self.commitPatience : Self.largeCommitPatience)
            if connection.consumeWarning() {
                throw .lost(cause: "the server committed with a warning: a standby may not have it")
            }
        } catch {
            // The server may have received the commit all the same.
            if case .lost(let cause) = error { throw StoreError.uncertain(cause: cause) }
            throw error
        }
    }
}
