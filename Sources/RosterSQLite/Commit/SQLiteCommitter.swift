import GRDB
import RosterModel
import RosterStore
import Synchronization

/// Commits the waiting changes, batch by batch, each batch with one sync of the disk.
final class SQLiteCommitter: Sendable {
    private let pool: DatabasePool
    private let chaining: any EventChaining
    private let hints = FreeIDHints()
    private let steadyTime: SteadyTime
    private let batcher = CommitBatcher()
    /// Whether the writer is known to enforce foreign keys.
    private let hasForeignKeys = Atomic<Bool>(true)

    /// The page cache during a large change, in KiB; SQLite allocates only what it needs.
    private static let largeCacheKiB = 1 << 20

    private typealias Outcome = CommitBatcher.Outcome
    private typealias PendingCommit = CommitBatcher.PendingCommit

    /// - Throws: SQLite's error if the log cannot be read.
    init(pool: DatabasePool, chaining: any EventChaining) throws {
        steadyTime = try pool.read { db in
            SteadyTime(
                now: Timestamp(
                    seconds: try Int64.fetchOne(db, sql: "SELECT CAST(strftime('%s', 'now') AS INTEGER)") ?? 0),
                lastEvent: try Int64.fetchOne(db, sql: "SELECT time FROM operations ORDER BY sequence DESC LIMIT 1")
                    .map { Timestamp(seconds: $0) })
        }
        self.pool = pool
        self.chaining = chaining
    }

    /// Commits `work` together with whatever else waits.
    func commit(
        _ work: CommitBatcher.Work, progress: @escaping @Sendable (Int) -> Void
    ) async -> CommitBatcher.Outcome {
        await batcher.join(work, progress: progress) {
            pool.asyncWriteWithoutTransaction { db in self.batcher.writeAll { self.write($0, db) } }
        }
    }

    private func write(_ batch: [PendingCommit], _ db: Database) -> [Outcome] {
        do {
            if !hasForeignKeys.load(ordering: .relaxed) { try switchForeignKeysOn(db) }
            guard batch.count == 1, batch[0].isAlone else { return try run(batch, strategy: .individual, in: db) }
            return try withLargeCache(db) {
                for strategy in [BatchTransaction.WriteStrategy.bulkInsert, .bulkUpsert] {
                    do {
                        return try run(batch, strategy: strategy, in: db)
                    } catch is BulkWriter.ConflictError {}
                }
                return try run(batch, strategy: .chunks, in: db)
            }
        } catch {
            hints.forget()
            let failure = StoreError(translating: error)
            // The database refused one change; write each one alone, so that the others need not fail with it.
            if case .conflict = failure, batch.count > 1 { return batch.flatMap { write([$0], db) } }
            return batch.map { _ in .failure(failure) }
        }
    }

    private func run(
        _ batch: [PendingCommit], strategy: BatchTransaction.WriteStrategy, in db: Database
    ) throws -> [Outcome] {
        try BatchTransaction(db: db, chaining: chaining, hints: hints, steadyTime: steadyTime, strategy: strategy).run(
            batch)
    }

    /// Runs `body`, which writes a large change, on a connection configured for it.
    private func withLargeCache(_ db: Database, _ body: () throws -> [Outcome]) throws -> [Outcome] {
        hasForeignKeys.store(false, ordering: .relaxed)
        // Pages that spill out of the cache are written repeatedly. `BulkWriter` and its caller check the foreign keys.
        try db.execute(sql: "PRAGMA cache_size = -\(Self.largeCacheKiB); PRAGMA foreign_keys = OFF")
        defer {
            try? switchForeignKeysOn(db)
            try? db.execute(sql: "PRAGMA cache_size = -2000; PRAGMA shrink_memory")
        }
        return try body()
    }

    /// If this fails after a large change, the next change tries again, and nothing is written until it succeeds.
    private func switchForeignKeysOn(_ db: Database) throws {
        try db.execute(sql: "PRAGMA foreign_keys = ON")
        guard try Bool.fetchOne(db, sql: "PRAGMA foreign_keys") == true else {
            throw DatabaseError(message: "foreign keys cannot be switched on")
        }
        hasForeignKeys.store(true, ordering: .relaxed)
    }
}
