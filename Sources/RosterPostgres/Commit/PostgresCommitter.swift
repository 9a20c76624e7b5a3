import RosterModel
import RosterStore

/// Commits the changes that wait in one line, group by group, each in one transaction.
///
/// A transaction locks the row of the revision first: whoever has it is the only one that writes, on any replica, so that
/// revisions have no gaps and what was judged stays true until it is committed (docs/decisions/0006).
final class PostgresCommitter: Sendable {
    private let queue: ConnectionQueue
    private let chaining: any EventChaining
    private let gaps = FreeIDHints()
    private let line = CommitBatcher()

    /// How long a commit may take at its very end, where a standby must have it too.
    private static let commitPatience = Duration.seconds(10)
    /// The same for a change of a great many users.
    private static let largeCommitPatience = Duration.seconds(120)

    private typealias Outcome = CommitBatcher.Outcome
    private typealias PendingCommit = CommitBatcher.PendingCommit

    init(queue: ConnectionQueue, chaining: any EventChaining) {
        self.queue = queue
        self.chaining = chaining
    }

    /// Commits `work` with whatever else waits.
    func commit(
        _ work: CommitBatcher.Work, progress: @escaping @Sendable (Int) -> Void
    ) async -> CommitBatcher.Outcome {
        await line.join(work, progress: progress, start: start)
    }

    /// Writes on the thread of the connection until nobody waits.
    private func start() {
        queue.start { queue in self.line.writeAll { group in self.write(group, queue) } }
    }

    private func write(_ group: [PendingCommit], _ queue: ConnectionQueue) -> [Outcome] {
        let isLarge = group.count == 1 && group[0].isAlone
        var result = Result { try attempt(group, isLarge ? .quick : .single, queue) }
        if case .failure(let error as ServerError) = result, error.isOfTheChange {
            // What the server refuses is one change's own: the others need not fail with it.
            if group.count > 1 { return group.flatMap { order in write([order], queue) } }
            // Somebody is there already: the thorough way finds out who.
            if isLarge { result = Result { try attempt(group, .thorough, queue) } }
        }
        // Who holds the lock for so long would be waited for by one group after the other.
        if case .failure(let error as ServerError) = result, error.isLockTimeout { line.refuseWaiting(.busy) }
        switch result {
        case .success(let outcomes): return outcomes
        case .failure(let error): return group.map { _ in .failure(StoreError(translating: error)) }
        }
    }

    private func attempt(_ group: [PendingCommit], _ way: BatchTransaction.WriteStrategy, _ queue: ConnectionQueue)
        throws -> [Outcome]
    {
        let kept = try queue.connected()
        let first = Result { try begin(group, way, kept) }
        // A connection that was kept may have died long ago, and nothing was written on it yet.
        if case .failure(ServerError.lost) = first {
            let fresh = try queue.connected()
            return try finish(try begin(group, way, fresh), way, fresh)
        }
        return try finish(try first.get(), way, kept)
    }

    private func begin(
        _ group: [PendingCommit], _ way: BatchTransaction.WriteStrategy, _ connection: ServerConnection
    ) throws(ServerError) -> BatchTransaction {
        try BatchTransaction(connection, group, way, chaining: chaining, gaps: gaps)
    }

    private func finish(
        _ begun: BatchTransaction, _ way: BatchTransaction.WriteStrategy, _ connection: ServerConnection
    ) throws -> [Outcome] {
        var writer = begun
        do {
            let outcomes = try writer.judge()
            if writer.hasWritten {
                try commit(writer.rest(), way, connection)
            } else {
                try connection.run("ROLLBACK")
            }
            return outcomes
        } catch {
            gaps.forget()
            if PostgresStore.mayRollBack(error) { _ = try? connection.run("ROLLBACK") }
            throw error
        }
    }

    private func commit(_ rest: [Statement], _ way: BatchTransaction.WriteStrategy, _ connection: ServerConnection)
        throws
    {
        do throws(ServerError) {
            _ = connection.takeWarning()
            _ = try connection.run(rest, silence: way == .single ? Self.commitPatience : Self.largeCommitPatience)
            if connection.takeWarning() {
                throw .lost(cause: "the server committed with a warning: a standby may not have it")
            }
        } catch {
            // The server may have heard the end of it.
            if case .lost(let cause) = error { throw StoreError.uncertain(cause: cause) }
            throw error
        }
    }
}
