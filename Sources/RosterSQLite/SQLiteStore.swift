import GRDB
package import RosterModel
package import RosterStore
import Synchronization

import struct Foundation.Data

/// The embedded store: SQLite in a file, in WAL mode; every commit is synced to the disk before it is acknowledged.
///
/// Several processes may open the same file; one of them writes at a time.
package final class SQLiteStore: PlanningStore {
    let pool: DatabasePool
    /// A separate connection for `changeNotifications()`: SQLite counts foreign commits per connection.
    private let watcher: DatabaseQueue
    private let queue: SQLiteCommitter

    /// How often a follower checks for foreign commits.
    private static let pollInterval = Duration.milliseconds(200)

    /// Above this many changed users, a new load is cheaper than a delta.
    private static let largestDelta = 20_000

    /// Why a store cannot be opened; one line that says what to do.
    package struct OpenError: Error, CustomStringConvertible {
        package let description: String
    }

    /// Opens the store in the file at `path`, and creates it if there is none. The caller must keep other processes
    /// from doing so at the same moment (the data folder's lock).
    /// - Parameters:
    ///   - sealing: its key must be the one that the store was sealed with; a canary in the store verifies it.
    ///   - busyTimeout: seconds to wait for another process that writes.
    /// - Throws: `OpenError` if the file cannot be opened, is not a store, was made by a newer program, or belongs to
    ///   another seal key.
    package init(
        path: String, sealing: some SecretSealing & EventChaining, busyTimeout: Double = 30
    ) throws(OpenError) {
        var configuration = Configuration()
        configuration.label = "roster"
        configuration.busyMode = .timeout(busyTimeout)
        configuration.prepareDatabase { db in
            // A large import leaves a write-ahead log of its size; the next commit truncates it.
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864")
            try RowChecksum.register(in: db)
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            let migrator = Schema.migrator
            if try pool.read(migrator.hasBeenSuperseded) {
                throw OpenError(
                    description: "the store \(path) was made by a newer version of roster: "
                        + "upgrade this program, or restore a backup from before the upgrade")
            }
            if try !pool.read(migrator.hasCompletedMigrations) { try migrator.migrate(pool) }
            // Reading needs no write lock, so a folder can be opened while another process imports.
            if try !pool.read({ db in try Self.hasCanary(db, sealing: sealing, path: path) }) {
                let sealed = try SealCanary.sealed(by: sealing)
                try pool.write { db in
                    try db.execute(
                        sql: "INSERT INTO meta (name, number, bytes) VALUES (?, ?, ?)",
                        arguments: [SealCanary.name, sealed.keyVersion, Data(sealed.bytes)])
                }
            }
            queue = try SQLiteCommitter(pool: pool, chaining: sealing)
            configuration.readonly = true
            watcher = try DatabaseQueue(path: path, configuration: configuration)
        } catch let fault as OpenError {
            throw fault
        } catch {
            throw OpenError(description: "cannot open the store \(path): \(Self.reason(error))")
        }
    }

    /// Closes all connections. Nothing can be read or written afterwards.
    func closeAll() throws {
        try watcher.close()
        try pool.close()
    }

    /// Whether the store has been sealed.
    /// - Throws: `OpenError` if it was sealed with another key.
    private static func hasCanary(_ db: Database, sealing: some SecretSealing, path: String) throws -> Bool {
        guard let row = try db.firstRow("SELECT number, bytes FROM meta WHERE name = ?", [SealCanary.name]) else {
            return false
        }
        let sealed = SealedSecret(keyVersion: row[0], bytes: Array((row[1] as Data?) ?? Data()))
        guard SealCanary.isSealed(sealed, by: sealing) else {
            throw OpenError(
                description: "the seal key is not the one that \(path) was made with: put the right seal.key back")
        }
        return true
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: return "it is not a store of roster, or it is damaged"
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: return "no right to write there (\(error.resultCode))"
        case .SQLITE_BUSY, .SQLITE_LOCKED: return "another process holds it for too long"
        case .SQLITE_FULL: return "the disk is full"
        default: return error.message ?? "\(error.resultCode)"
        }
    }

    // MARK: Reading

    package func load(
        progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> DirectoryContents {
        let total = Total()
        let counted: @Sendable () -> Void = { progress(total.add(Self.progressStep)) }
        for _ in 0..<Self.loadAttempts {
            // Two connections read on two cores. They see the same state only if nothing commits between their starts.
            let middle = try await read { db in try Int64.fetchOne(db, sql: "SELECT max(rowid) / 2 FROM users") ?? 0 }
            async let first = loadPart(1...max(1, middle), hasAll: true, counted)
            async let second = loadPart((max(1, middle) + 1)...Int64.max, hasAll: false, counted)
            do {
                let (contents, rest) = try await (first, second)
                guard contents.revision == rest.revision else { continue }
                contents.loaded.merge(rest.loaded)
                return contents
            } catch {
                throw StoreError(translating: error)
            }
        }
        return try await loadPart(1...Int64.max, hasAll: true, counted)
    }

    /// How many users both connections have read.
    private final class Total: Sendable {
        private let count = Atomic<Int>(0)

        func add(_ more: Int) -> Int { count.add(more, ordering: .relaxed).newValue }
    }

    private static let progressStep = 10_000
    /// How many times a load with two connections is tried before one connection does all of it.
    private static let loadAttempts = 4

    /// The users with these row numbers.
    ///
    /// Rows of users are never deleted, so their numbers have no gaps: a gap is damage too.
    /// - Parameter hasAll: whether the other tables are read too.
    /// - Throws: `damaged` if a row does not have its checksum, or is missing.
    private func loadPart(
        _ range: ClosedRange<Int64>, hasAll: Bool, _ counted: @escaping @Sendable () -> Void
    ) async throws(StoreError) -> DirectoryContents {
        try await read { db in
            var contents = DirectoryContents(revision: try Self.newestRevision(db))
            if hasAll {
                var damaged: [String] = []
                for table in [ChecksummedTable.clusters, .groups, .members, .mapEntries, .keys, .attributes] {
                    damaged += try db.damagedRows(in: table, limit: Self.namedRows)
                }
                guard damaged.isEmpty else { throw StoreError.damaged(rows: damaged) }
                contents.clusters = try Cluster.fetch(db)
                contents.groups = try Group.fetch(db)
                contents.mapEntries = try MapEntry.fetch(db).filter { $0.removed == nil }.map(\.entry)
                contents.keys = try AccessKey.fetch(db)
                contents.attributes = try AttributeDeclaration.fetch(db)
            }
            let last = try Int64.fetchOne(db, sql: "SELECT max(rowid) FROM users") ?? 0
            // In file order: through an index, each row would take a lookup.
            var rows = try RawRows(
                db, "\(User.select) NOT INDEXED WHERE rowid BETWEEN ? AND ?", columns: User.columnCount,
                arguments: [range.lowerBound, range.upperBound])
            var count: Int64 = 0
            while try rows.next() {
                count += 1
                try rows.checkUser()
                guard rows.deletedTime == nil else { continue }
                contents.loaded.add(UserView(columns: rows))
                if contents.loaded.count % Self.progressStep == 0 { counted() }
            }
            let missing = max(0, min(range.upperBound, last) - range.lowerBound + 1) - count
            guard missing == 0 else { throw StoreError.damaged(rows: [Self.missingUsers(missing)]) }
            return contents
        }
    }

    /// How many damaged rows of a table are named in an error.
    private static let namedRows = 5

    package func changes(since revision: Revision) async throws(StoreError) -> Delta? {
        try await read { db in
            var delta = Delta(from: revision, to: try Self.newestRevision(db))
            // A store that is behind was restored to an earlier state, and has to be loaded again.
            guard delta.to >= revision else { return nil }
            guard delta.to > revision else { return delta }
            delta.clusters = try Cluster.fetch(db, after: revision)
            let groups = try Group.fetchAll(db, after: revision)
            delta.groups = groups.present
            delta.removedGroups = groups.removed.map(\.key)
            for (entry, removed) in try MapEntry.fetch(db, after: revision) {
                if removed == nil { delta.mapEntries.append(entry) } else { delta.removedMapEntries.append(entry.key) }
            }
            delta.keys = try AccessKey.fetch(db, after: revision)
            delta.attributes = try AttributeDeclaration.fetch(db, after: revision)
            var rows = try RawRows(
                db, "\(User.select) WHERE revision > ?", columns: User.columnCount, arguments: [revision.number])
            while try rows.next() {
                try rows.checkUser()
                let user = User(UserView(columns: rows))
                if rows.deletedTime == nil {
                    delta.users.append(user)
                } else {
                    delta.removedUsers.append(.init(id: user.id, cluster: user.cluster))
                }
                // Counting first would cost every small delta another query.
                guard delta.users.count + delta.removedUsers.count <= Self.largestDelta else { return nil }
            }
            return delta
        }
    }

    package func changeNotifications() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let task = Task { [watcher] in
                var seen: Int?
                while !Task.isCancelled {
                    let version = try? await watcher.read { db in try Int.fetchOne(db, sql: "PRAGMA data_version") }
                    if version != seen || version == nil {
                        seen = version
                        continuation.yield()
                    }
                    try? await Task.sleep(for: Self.pollInterval)
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    package func deletedUsers(
        named name: String, id: HPCUserID?, in cluster: ClusterID, limit: Int
    ) async throws(StoreError) -> [DeletedUser] {
        try await read { db in try DeletedUser.fetch(db, named: name, id: id, in: cluster, limit: limit) }
    }

    package func importBasis(
        for clusters: Set<ClusterID>, ids: Set<HPCUserID>
    ) async throws(StoreError) -> ImportBasis {
        try await read { db in try Self.importBasis(db, for: clusters, ids: ids) }
    }

    static func importBasis(
        _ db: Database, for clusters: Set<ClusterID>, ids: Set<HPCUserID>
    ) throws -> ImportBasis {
        let groups = try Group.fetchAll(db, after: .none)
        var basis = ImportBasis(
            revision: try newestRevision(db), of: clusters, clusters: try Cluster.fetch(db), groups: groups.present,
            removedGroups: groups.removed)
        basis.mapEntries = try MapEntry.fetch(db).filter { $0.removed == nil && clusters.contains($0.entry.cluster) }
            .map(\.entry)
        basis.attributes = try AttributeDeclaration.fetch(db)
        // One scan of the table, however many clusters there are.
        let names = basis.clusters.map(\.id.text)
        let places = databaseQuestionMarks(count: names.count)
        var rows = try RawRows(
            db, "\(User.select) WHERE cluster_id IN (\(places))", columns: User.columnCount,
            arguments: StatementArguments(names))
        while try rows.next() {
            try rows.checkUser()
            basis.add(User(UserView(columns: rows)), removed: rows.deletedTime)
        }
        for cluster in basis.clusters {
            basis.allocations += try IDAllocation.fetch(db, of: cluster.id)
        }
        // One scan of the table here too, and none for an import without ids.
        guard !ids.isEmpty else { return basis }
        let known = try Row.fetchCursor(db, sql: "SELECT hpcuser_id, cluster_id FROM users")
        while let row = try known.next() {
            let id = HPCUserID(stored: row[0])
            if ids.contains(id) { basis.takenIDs[id] = ClusterID(stored: row[1]) }
        }
        return basis
    }

    package func accessKeys() async throws(StoreError) -> [AccessKey] {
        try await read { db in try AccessKey.fetch(db) }
    }

    package func events(after sequence: Int64, limit: Int) async throws(StoreError) -> [LoggedEvent] {
        try await read { db in try LoggedEvent.fetch(db, after: sequence, limit: limit) }
    }

    package func jobs(_ query: OperationQuery) async throws(StoreError) -> OperationPage {
        try await read { db in try Operation.fetch(db, query) }
    }

    package func inconsistentJob() async throws(StoreError) -> JobID? {
        try await read { db in try Operation.inconsistent(db) }
    }

    package func ledger(of cluster: ClusterID) async throws(StoreError) -> [IDAllocation] {
        try await read { db in try IDAllocation.fetch(db, of: cluster) }
    }

    package func allocation(
        of number: UInt32, kind: IDAllocation.Kind, in cluster: ClusterID
    ) async throws(StoreError) -> IDAllocation? {
        try await read { db in try IDAllocation.fetch(db, of: cluster, kind: kind, number: number) }
    }

    package func logins(since mark: Int64?) async throws(StoreError) -> LoginHistory {
        try await read { db in try LoginHistory.fetch(db, since: mark) }
    }

    // MARK: Writing

    package func record(_ logins: [LoginRecord]) async throws(StoreError) {
        do {
            try await pool.write { db in
                let clock = try LoginHistory.clock(db)
                for login in logins { try login.merge(db, writtenAt: clock) }
            }
        } catch {
            throw StoreError(translating: error)
        }
    }

    package func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision {
        try await queue.commit(.change(change, ifNewest: expected), progress: progress).get()
    }

    package func commit(
        _ planned: PlannedChange, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision {
        try await queue.commit(.plan(planned), progress: progress).get()
    }

    static func newestRevision(_ db: Database) throws -> Revision {
        Revision(try db.firstRow("SELECT number FROM meta WHERE name = 'revision'")?[0] ?? 0)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw StoreError(translating: error)
        }
    }
}
