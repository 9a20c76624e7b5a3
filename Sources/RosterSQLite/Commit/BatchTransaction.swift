import GRDB
import RosterModel
import RosterStore

/// One transaction that writes a batch of changes.
struct BatchTransaction {
    let db: Database
    let chaining: any EventChaining
    let hints: FreeIDHints
    let steadyTime: SteadyTime
    let strategy: WriteStrategy

    /// How users are written.
    enum WriteStrategy {
        /// A few users, among other changes.
        case individual
        /// Many users, all treated as new.
        case bulkInsert
        /// Many users, each of which may be new, present or removed.
        case bulkUpsert
        /// Many users, chunk by chunk; reports which rule a change breaks.
        case chunks
    }

    /// How many users of a large change are read and applied at once.
    private static let chunkSize = 2000

    /// Writes the changes; each takes a revision or leaves no trace.
    /// - Returns: their outcomes.
    /// - Throws: if the transaction cannot be committed, in which case nothing changes; `BulkWriter.ConflictError`.
    func run(_ pending: [CommitBatcher.PendingCommit]) throws -> [CommitBatcher.Outcome] {
        var outcomes: [CommitBatcher.Outcome] = []
        try db.inTransaction(.immediate) {
            var batch = ChangeBatch(
                after: try SQLiteStore.newestRevision(db), lastEvent: try LoggedEvent.last(db), chaining: chaining,
                hints: hints, steadyTime: steadyTime)
            if strategy == .individual {
                var readSet = ReadSet()
                for case .change(let change, _) in pending.map(\.work) { readSet.add(change, hasUsers: true) }
                try TransactionRows(db: db).load(readSet, into: &batch.workingSet)
            }
            outcomes = try batch.apply(
                pending, from: TransactionRows(db: db),
                basis: { try SQLiteStore.importBasis(db, for: $0.clusters, ids: $0.ids) },
                writeLarge: strategy == .individual ? nil : writeLarge)
            guard batch.hasChanges else { return .rollback }
            try batch.workingSet.write(db, at: batch.time)
            for logged in batch.loggedEvents() { try logged.insert(db) }
            try db.run("UPDATE meta SET number = ? WHERE name = 'revision'", [batch.newest.number])
            return .commit
        }
        return outcomes
    }

    // MARK: Large changes

    /// Writes a change that is alone in its transaction: its users bypass the working set, or pass through it in
    /// chunks.
    private func writeLarge(
        _ change: Change, applier: ChangeApplier<TransactionRows>, batch: inout ChangeBatch,
        progress: @escaping @Sendable (Int) -> Void
    ) throws {
        let rows = TransactionRows(db: db)
        var readSet = ReadSet()
        readSet.add(change, hasUsers: false)
        let clusters = Set(change.users.lazy.map(\.cluster))
        readSet.clusters.formUnion(clusters)
        try rows.load(readSet, into: &batch.workingSet)
        try applier.begin(change, on: &batch.workingSet, hasUsers: false)
        for cluster in clusters where batch.workingSet.clusters[cluster] == nil {
            throw StoreError.noSuchCluster(cluster)
        }
        for id in change.newIDs {
            guard try !db.hasRow("SELECT 1 FROM users WHERE hpcuser_id = ?", [id.text]) else {
                throw StoreError.outdated
            }
        }
        try flush(&batch)
        let writer = BulkWriter(db: db, revision: applier.revision, time: applier.time, progress: progress)
        switch strategy {
        case .bulkInsert where try writer.mayInsert(change.users): try writer.insert(change.users)
        case .bulkInsert, .bulkUpsert: try writer.upsert(change.users)
        case .individual, .chunks:
            for start in stride(from: 0, to: change.users.count, by: Self.chunkSize) {
                progress(start)
                let chunk = change.users[start..<min(start + Self.chunkSize, change.users.count)]
                var readSet = ReadSet()
                for user in chunk { readSet.add(user, uid: user.uidNumber) }
                try rows.load(readSet, into: &batch.workingSet)
                for user in chunk { try applier.upsert(user, on: &batch.workingSet) }
                try flush(&batch)
            }
        }
        try rows.load(readSet, into: &batch.workingSet)
        try applier.finish(change, on: &batch.workingSet)
        let groups = batch.workingSet.groups.written.map(\.key)
        try flush(&batch)
        for group in groups { try checkMembers(of: group) }
    }

    /// Writes what was applied so far, and clears the working set.
    private func flush(_ batch: inout ChangeBatch) throws {
        try batch.workingSet.write(db, at: batch.time)
        batch.clear()
    }

    /// Does the check of the members' foreign key, which is off during a large change.
    /// - Throws: a foreign key error if a member is not a user.
    private func checkMembers(of group: Group.Key) throws {
        let hasStranger = try db.hasRow(
            """
            SELECT 1 FROM group_members m WHERE m.cluster_id = ? AND m.gid_number = ?
            AND NOT EXISTS (SELECT 1 FROM users u WHERE u.hpcuser_id = m.hpcuser_id) LIMIT 1
            """,
            [group.cluster.text, Int64(group.gidNumber)])
        if hasStranger {
            throw DatabaseError(
                resultCode: .SQLITE_CONSTRAINT_FOREIGNKEY, message: "a group has a member that is no user")
        }
    }
}
