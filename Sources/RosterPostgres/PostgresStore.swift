package import RosterModel
package import RosterStore
import Synchronization

/// The distributed store: PostgreSQL through libpq. Any number of programs may use one database at the same time.
///
/// Each program has four connections at most: one for writes, one for following, one for other reads, and one that
/// monitors the server. A load takes two more while it runs.
package final class PostgresStore: PlanningStore {
    private let address: ServerAddress
    private let health = ServerHealth()
    private let monitor: PrimaryMonitor
    private let writer: PostgresCommitter
    /// For `changes(since:)` alone: a follower must not wait for another caller's long read.
    private let follower: ConnectionQueue
    private let reader: ConnectionQueue
    /// For whole copies, which cannot restart on another connection.
    func makeCopyConnection() -> ConnectionQueue { ConnectionQueue("copy", address, .scans, health: health) }
    /// Above this many changed users, a new load is cheaper than a delta.
    private static let largestDelta = 20_000

    /// The timeline of the database at the last read (`DirectoryReader.newest`).
    private let timeline = Mutex<String?>(nil)

    /// Why a store cannot be opened; one line that says what to do.
    package struct OpenError: Error, CustomStringConvertible {
        package let description: String
        /// Whether the database was unreachable; it may be reachable later.
        package var isAway = false
    }

    /// Opens the store, and creates its schema if there is none and the role may.
    /// - Parameter sealing: its key must be the one that the store was sealed with; a canary in the store verifies it.
    /// - Throws: `OpenError` if the database is unreachable, has the wrong encoding, was made by a newer program, or
    ///   belongs to another seal key.
    package static func open(
        _ address: ServerAddress, sealing: some SecretSealing & EventChaining
    ) async throws(OpenError) -> PostgresStore {
        let store = PostgresStore(address, chaining: sealing)
        if let fault = await store.prepare(sealing: sealing) { throw fault }
        return store
    }

    /// Looks at the schema of a database and changes nothing.
    /// - Returns: how far it is, and what else keeps this program from using it.
    /// - Throws: `OpenError` if the database cannot be reached or read.
    package static func inspect(
        _ address: ServerAddress, sealing: some SecretSealing & EventChaining
    ) async throws(OpenError) -> (state: SchemaState, faults: [String]) {
        let store = PostgresStore(address, chaining: sealing)
        let redacted = address.redacted
        do throws(StoreError) {
            return try await store.reader.run { connection in
                try connection.run("SET default_transaction_read_only = on")
                let migration = Migration(connection: connection)
                let state = try migration.state()
                var faults: [String] = []
                do {
                    try migration.checkEncoding()
                    if state.step > 0, try !canaryFits(connection, sealing: sealing) {
                        faults.append(otherKey(redacted))
                    }
                } catch let fault as OpenError {
                    faults.append(fault.description)
                }
                return (state, faults)
            }
        } catch {
            throw OpenError(description: "cannot read the store at \(redacted): \(error)")
        }
    }

    /// Whether the store was sealed with this key, or was never sealed.
    private static func canaryFits(_ connection: ServerConnection, sealing: some SecretSealing) throws -> Bool {
        let rows = try connection.run("SELECT number, bytes FROM meta WHERE name = '\(SealCanary.name)'")
        guard rows.count == 1 else { return true }
        return SealCanary.isSealed(
            SealedSecret(keyVersion: Int(rows.number(0, 0)), bytes: rows.copy(0, 1)), by: sealing)
    }

    private static func otherKey(_ redacted: String) -> String {
        "the seal key is not the one that the store at \(redacted) was made with: give every replica the same --seal-key"
    }

    private init(_ address: ServerAddress, chaining: any EventChaining) {
        self.address = address
        monitor = PrimaryMonitor(address, health: health)
        writer = PostgresCommitter(
            queue: ConnectionQueue("writer", address, .lookups, health: health), chaining: chaining)
        follower = ConnectionQueue("follower", address, .lookups, health: health)
        reader = ConnectionQueue("reader", address, .scans, health: health)
    }

    /// Checks the schema and the canary, and returns what is wrong with them.
    private func prepare(sealing: some SecretSealing) async -> OpenError? {
        let redacted = address.redacted
        do throws(StoreError) {
            return try await reader.run { connection in
                do {
                    let migration = Migration(connection: connection)
                    try migration.checkEncoding()
                    if try !migration.isDone() { try migration.run() }
                    return try Self.canaryFault(connection, sealing: sealing, redacted: redacted)
                } catch let fault as OpenError {
                    return fault
                } catch let ServerError.refused(state, message) where !Self.passes(state) {
                    return OpenError(
                        description: "cannot open the store at \(redacted): \(message) (SQLSTATE \(state))")
                }
            }
        } catch {
            let reason =
                switch error {
                case .unavailable(let cause), .readOnly(let cause): cause
                default: "\(error)"
                }
            var fault = OpenError(description: "cannot open the store at \(redacted): \(reason)")
            if case .unavailable(let cause) = error { fault.isAway = !Self.isLoginRefused(cause) }
            return fault
        }
    }

    /// Whether a refusal may end by itself: no resources (class 53), a start or stop of the server (57), a failover (25),
    /// locks (40, 55).
    private static func passes(_ state: String) -> Bool { ["25", "40", "53", "55", "57"].contains(state.prefix(2)) }

    /// Whether libpq says that the server refuses this login, or that a file or the database of the connection string is
    /// not there. libpq has no codes for that; a message in another language counts as an outage.
    private static func isLoginRefused(_ cause: String) -> Bool {
        [
            "authentication failed", "no password supplied", "no pg_hba.conf entry", "does not exist",
            "is not permitted to log in", "permission denied",
        ].contains { cause.contains($0) }
    }

    /// What is wrong with the canary. Seals a store that was never sealed.
    private static func canaryFault(
        _ connection: ServerConnection, sealing: some SecretSealing, redacted: String
    ) throws -> OpenError? {
        let select = "SELECT number, bytes FROM meta WHERE name = '\(SealCanary.name)'"
        let rows = try connection.run(select)
        if rows.count == 0 {
            let sealed = try SealCanary.sealed(by: sealing)
            try connection.run(
                """
                INSERT INTO meta (name, number, bytes) VALUES ('\(SealCanary.name)', $1::bigint, $2::bytea) ON CONFLICT DO NOTHING
                """,
                [.number(Int64(sealed.keyVersion)), .bytes(sealed.bytes)])
            // Another replica may have sealed it first, with another key.
            guard try connection.run(select).count == 1 else {
                return OpenError(description: "the store at \(redacted) cannot be sealed")
            }
        }
        return try canaryFits(connection, sealing: sealing) ? nil : OpenError(description: otherKey(redacted))
    }

    // MARK: Reading

    package func load(
        progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> DirectoryContents {
        let second = ConnectionQueue("load 2", address, .scans, health: health)
        var (contents, timeline) = try await ConnectionQueue("load 1", address, .scans, health: health).run {
            connection in
            try ParallelLoader(connection, beside: second, progress: progress).run()
        }
        recordRead(contents.revision, timeline)
        contents.timelineID = timeline
        return contents
    }

    package func changes(since revision: Revision) async throws(StoreError) -> Delta? {
        let (delta, newest, timeline) = try await follower.run { connection in
            try DirectoryReader(connection).changes(since: revision, atMost: Self.largestDelta)
        }
        // After a failover to a standby that lacked some commits, the same revision may mean something else.
        let isSame = self.timeline.withLock { $0 == nil || $0 == timeline }
        guard isSame, newest >= revision else { return nil }
        // Without a delta, nothing was read yet; `load` records what it reads.
        if delta != nil { recordRead(newest, timeline) }
        return delta
    }

    private func recordRead(_ revision: Revision, _ timeline: String) {
        self.timeline.withLock { $0 = timeline }
        monitor.newestRead.store(revision.number, ordering: .relaxed)
    }

    package func changeNotifications() -> AsyncStream<Void> { monitor.changeNotifications() }

    package func deletedUsers(
        named name: String, id: HPCUserID?, in cluster: ClusterID, limit: Int
    ) async throws(StoreError) -> [DeletedUser] {
        try await reader.run { connection in
            try DirectoryReader(connection).transaction {
                try DeletedUser.fetch(connection, named: name, id: id, in: cluster, limit: limit)
            }
        }
    }

    package func importBasis(
        for clusters: Set<ClusterID>, ids: Set<HPCUserID>
    ) async throws(StoreError) -> ImportBasis {
        try await reader.run { connection in
            let reading = DirectoryReader(connection)
            return try reading.transaction { try reading.importBasis(for: clusters, ids: ids) }
        }
    }

    package func accessKeys() async throws(StoreError) -> [AccessKey] {
        try await reader.run { connection in
            let rows = try connection.run(AccessKey.select, [.number(0)])
            return rows.indices.compactMap { AccessKey(rows, $0) }
        }
    }

    package func events(after sequence: Int64, limit: Int) async throws(StoreError) -> [LoggedEvent] {
        try await reader.run { connection in
            let rows = try connection.run(LoggedEvent.select, [.number(sequence), .number(Int64(limit))])
            return rows.indices.map { LoggedEvent(rows, $0) }
        }
    }

    package func jobs(_ query: OperationQuery) async throws(StoreError) -> OperationPage {
        try await reader.run { connection in
            try DirectoryReader(connection).transaction { try Operation.fetch(connection, query) }
        }
    }

    package func inconsistentJob() async throws(StoreError) -> JobID? {
        try await reader.run { connection in
            let rows = try connection.run(JobQueries.inconsistent)
            return rows.count == 0 ? nil : JobID(stored: rows.text(0, 0))
        }
    }

    package func ledger(of cluster: ClusterID) async throws(StoreError) -> [IDAllocation] {
        try await reader.run { connection in
            let rows = try connection.run(IDAllocation.selectOfCluster, [.text(cluster.text)])
            return rows.indices.compactMap { IDAllocation(rows, $0) }
        }
    }

    package func allocation(
        of number: UInt32, kind: IDAllocation.Kind, in cluster: ClusterID
    ) async throws(StoreError) -> IDAllocation? {
        try await reader.run { connection in
            let rows = try connection.run(
                IDAllocation.selectOfNumber, [.text(cluster.text), .text(kind.rawValue), .number(Int64(number))])
            return rows.indices.first.flatMap { IDAllocation(rows, $0) }
        }
    }

    package func logins(since mark: Int64?) async throws(StoreError) -> LoginHistory {
        try await reader.run { connection in LoginHistory(try connection.run(LoginHistory.select(since: mark))) }
    }

    // MARK: Writing

    /// It takes no lock that a commit waits for, so that it needs not wait for its turn among them.
    package func record(_ logins: [LoginRecord]) async throws(StoreError) {
        try await reader.run { connection in _ = try connection.run([LoginHistory.merge(logins)]) }
    }

    package func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision {
        try await writer.commit(.change(change, ifNewest: expected), progress: progress).get()
    }

    package func commit(
        _ planned: PlannedChange, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision {
        try await writer.commit(.plan(planned), progress: progress).get()
    }

    /// Whether the connection survives `error` with a transaction that has to be ended.
    static func mayRollBack(_ error: any Error) -> Bool {
        switch error {
        case ServerError.lost, StoreError.uncertain: false
        default: true
        }
    }
}
