import GRDB
import Roster
import Synchronization

/// Commits changes one group after the other: those that wait while a group is written are the next one, and reach the
/// disk with one sync.
///
/// Nobody is answered before that sync. What a member of a group is refused for may lie in a member before it, which is
/// true only once the group is: so where the group fails as a whole, all its members are told so, the refused ones too.
final class CommitQueue: Sendable {
    private let pool: DatabasePool
    private let chaining: any EventChaining
    private let gaps = NumberGaps()
    private let state = Mutex(State())

    /// A change of more users is a group of its own: others need not fail with it.
    static let largestMember = 1000
    /// More changes are not written together, so that the first caller of a group does not wait for hundreds.
    private static let largestGroup = 256

    /// The page cache while a large change is written, in KiB; SQLite takes of it what it needs.
    private static let largeCacheKiB = 1 << 20

    typealias Outcome = Result<Revision, StoreFailure>

    private struct State {
        var waiting: [Order] = []
        var isWriting = false
    }

    /// A change to be committed, and who waits for it.
    private struct Order: Sendable {
        let change: Change
        let expected: Revision?
        let progress: @Sendable (Int) -> Void
        let answer: CheckedContinuation<Outcome, Never>

        var isAlone: Bool { change.users.count > CommitQueue.largestMember }
    }

    init(pool: DatabasePool, chaining: any EventChaining) {
        self.pool = pool
        self.chaining = chaining
    }

    /// Commits `change` with whatever else waits.
    func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async -> Outcome {
        await withCheckedContinuation { answer in
            let order = Order(change: change, expected: expected, progress: progress, answer: answer)
            let isFirst = state.withLock { state in
                state.waiting.append(order)
                defer { state.isWriting = true }
                return !state.isWriting
            }
            if isFirst { pool.asyncWriteWithoutTransaction { db in self.writeAll(db) } }
        }
    }

    /// Writes groups until nobody waits.
    private func writeAll(_ db: Database) {
        while let group = nextGroup() {
            let outcomes = write(group, db)
            for (order, outcome) in zip(group, outcomes) { order.answer.resume(returning: outcome) }
        }
    }

    /// Who waits, in the order in which they came; nil, and nobody writes from then on, where nobody does.
    private func nextGroup() -> [Order]? {
        state.withLock { state in
            guard let first = state.waiting.first else {
                state.isWriting = false
                return nil
            }
            let count = first.isAlone ? 1 : state.waiting.prefix(Self.largestGroup).prefix { !$0.isAlone }.count
            let group = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return group
        }
    }

    private func write(_ group: [Order], _ db: Database) -> [Outcome] {
        do {
            guard group.count == 1, group[0].isAlone else { return try transaction(group, .single, db) }
            return try withLargeCache(db) {
                do {
                    return try transaction(group, .quick, db)
                } catch is BulkWriter.NotAllNew {
                    return try transaction(group, .thorough, db)
                }
            }
        } catch {
            gaps.forget()
            return group.map { _ in .failure(StoreFailure(translating: error)) }
        }
    }

    private func transaction(_ group: [Order], _ way: ChangeWriter.Way, _ db: Database) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        try db.inTransaction(.immediate) {
            let before = try SQLiteStore.newestRevision(db)
            var newest = before
            for order in group {
                let outcome = try attempt(order, after: newest, isAlone: group.count == 1, way, db)
                if case .success(let revision) = outcome { newest = revision }
                outcomes.append(outcome)
            }
            guard newest > before else { return .rollback }
            try db.run("UPDATE meta SET number = ? WHERE name = 'revision'", [newest.number])
            return .commit
        }
        return outcomes
    }

    /// Runs `body`, which writes a large change, on a connection that is set up for it.
    private func withLargeCache(_ db: Database, _ body: () throws -> [Outcome]) throws -> [Outcome] {
        // What spills out of the cache is written again and again. The writer of many users looks after foreign keys.
        try db.execute(sql: "PRAGMA cache_size = -\(Self.largeCacheKiB); PRAGMA foreign_keys = OFF")
        defer {
            try? db.execute(sql: "PRAGMA foreign_keys = ON; PRAGMA cache_size = -2000; PRAGMA shrink_memory")
        }
        return try body()
    }

    /// Writes one change under the next revision, or leaves no trace of it.
    /// - Throws: where the transaction cannot go on.
    private func attempt(
        _ order: Order, after newest: Revision, isAlone: Bool, _ way: ChangeWriter.Way, _ db: Database
    ) throws -> Outcome {
        if let expected = order.expected, expected != newest { return .failure(.outdated) }
        let writer = ChangeWriter(
            db: db, revision: newest.next, time: order.change.time, gaps: gaps, way: way,
            progress: order.progress)
        // A change that is alone needs no savepoint: the transaction is its own.
        if !isAlone { try db.run("SAVEPOINT member") }
        do {
            try writer.write(order.change, chaining: chaining)
            if !isAlone { try db.run("RELEASE member") }
            return .success(newest.next)
        } catch {
            // After some failures SQLite has rolled everything back by itself, and nothing of the group is left.
            guard !isAlone, db.isInsideTransaction else { throw error }
            gaps.forget()
            try db.run("ROLLBACK TO member")
            try db.run("RELEASE member")
            return .failure(StoreFailure(translating: error))
        }
    }
}
