import GRDB
import RosterModel
import RosterStore
import Synchronization

/// Commits the changes that wait in one line, group by group, each with one sync of the disk.
final class SQLiteCommitter: Sendable {
    private let pool: DatabasePool
    private let chaining: any EventChaining
    private let gaps = FreeIDHints()
    private let line = CommitBatcher()
    /// Whether the writer is known to enforce foreign keys.
    private let hasForeignKeys = Atomic<Bool>(true)

    /// The page cache while a large change is written, in KiB; SQLite takes of it what it needs.
    private static let largeCacheKiB = 1 << 20

    private typealias Outcome = CommitBatcher.Outcome
    private typealias PendingCommit = CommitBatcher.PendingCommit

    init(pool: DatabasePool, chaining: any EventChaining) {
        self.pool = pool
        self.chaining = chaining
    }

    /// Commits `work` with whatever else waits.
    func commit(
        _ work: CommitBatcher.Work, progress: @escaping @Sendable (Int) -> Void
    ) async -> CommitBatcher.Outcome {
        await line.join(work, progress: progress) {
            pool.asyncWriteWithoutTransaction { db in self.line.writeAll { self.write($0, db) } }
        }
    }

    private func write(_ group: [PendingCommit], _ db: Database) -> [Outcome] {
        do {
            if !hasForeignKeys.load(ordering: .relaxed) { try switchForeignKeysOn(db) }
            guard group.count == 1, group[0].isAlone else { return try transaction(group, .single, db) }
            return try withLargeCache(db) {
                do {
                    return try transaction(group, .quick, db)
                } catch is BulkWriter.BulkInsertConflictError {
                    return try transaction(group, .thorough, db)
                }
            }
        } catch {
            gaps.forget()
            return group.map { _ in .failure(StoreError(translating: error)) }
        }
    }

    private func transaction(_ group: [PendingCommit], _ way: ChangeWriter.WriteStrategy, _ db: Database) throws
        -> [Outcome]
    {
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
        hasForeignKeys.store(false, ordering: .relaxed)
        // What spills out of the cache is written again and again. The writer of many users looks after foreign keys.
        try db.execute(sql: "PRAGMA cache_size = -\(Self.largeCacheKiB); PRAGMA foreign_keys = OFF")
        defer {
            try? switchForeignKeysOn(db)
            try? db.execute(sql: "PRAGMA cache_size = -2000; PRAGMA shrink_memory")
        }
        return try body()
    }

    /// If it fails after a large change, the next change tries again, and nothing is written until it succeeds.
    private func switchForeignKeysOn(_ db: Database) throws {
        try db.execute(sql: "PRAGMA foreign_keys = ON")
        guard try Bool.fetchOne(db, sql: "PRAGMA foreign_keys") == true else {
            throw DatabaseError(message: "foreign keys cannot be switched on")
        }
        hasForeignKeys.store(true, ordering: .relaxed)
    }

    /// What is to be written; nil where it is outdated.
    private func change(of order: PendingCommit, at newest: Revision, _ db: Database) throws -> Change? {
        switch order.work {
        case .change(let change, let expected): return expected.map { $0 == newest } ?? true ? change : nil
        case .plan(let planned):
            return planned.plan(try SQLiteStore.importBasis(db, for: planned.clusters, ids: planned.ids))
        }
    }

    /// Writes one change under the next revision, or leaves no trace of it.
    /// - Throws: where the transaction cannot go on.
    private func attempt(
        _ order: PendingCommit, after newest: Revision, isAlone: Bool, _ way: ChangeWriter.WriteStrategy, _ db: Database
    ) throws -> Outcome {
        guard let change = try change(of: order, at: newest, db) else { return .failure(.outdated) }
        let writer = ChangeWriter(
            db: db, revision: newest.next, time: change.time, gaps: gaps, way: way, progress: order.progress)
        // A change that is alone needs no savepoint: the transaction is its own.
        if !isAlone { try db.run("SAVEPOINT member") }
        do {
            try writer.write(change, chaining: chaining)
            if !isAlone { try db.run("RELEASE member") }
            return .success(newest.next)
        } catch {
            // After some failures SQLite has rolled everything back by itself, and nothing of the group is left.
            guard !isAlone, db.isInsideTransaction else { throw error }
            gaps.forget()
            try db.run("ROLLBACK TO member")
            try db.run("RELEASE member")
            return .failure(StoreError(translating: error))
        }
    }
}
