package import Roster
import Synchronization

/// The distributed store: PostgreSQL through libpq. Any number of programs may use one database at the same time.
///
/// Each has four connections at most: one that writes, one that follows, one for the rest of the reads, and one that hears what
/// others commit. A load takes two more for as long as it runs.
package final class PostgresStore: PlanningStore {
    private let address: ServerAddress
    private let lifeline = Lifeline()
    private let pulse: Pulse
    private let writer: CommitQueue
    /// For `changes(since:)` alone: a follower must not wait for a long answer to somebody else.
    private let follower: ConnectionQueue
    private let reader: ConnectionQueue
    /// For whole copies, which cannot begin again on another connection.
    var copier: ConnectionQueue { ConnectionQueue("copy", address, .scans, lifeline: lifeline) }
    /// Above this many changed users, loading again is cheaper than a delta.
    private static let largestDelta = 20_000

    /// The history of the database that was read last (`Reading.history`).
    private let history = Mutex<String?>(nil)

    /// Why a store cannot be opened; one line that says what to do.
    package struct OpenFault: Error, CustomStringConvertible {
        package let description: String
        /// Whether the database was not reached: it may be there later.
        package var isAway = false
    }

    /// Opens the store, and makes its schema where there is none and the role may.
    /// - Parameter sealing: its key must be the one that the store was sealed with; a canary in the store tells.
    /// - Throws: `OpenFault` where the database cannot be reached, is not as it must be, was made by a newer program, or belongs
    ///   to another seal key.
    package static func open(
        _ address: ServerAddress, sealing: some SecretSealing & EventChaining
    ) async throws(OpenFault) -> PostgresStore {
        let store = PostgresStore(address, chaining: sealing)
        if let fault = await store.prepare(sealing: sealing) { throw fault }
        return store
    }

    private init(_ address: ServerAddress, chaining: any EventChaining) {
        self.address = address
        pulse = Pulse(address, lifeline: lifeline)
        writer = CommitQueue(
            queue: ConnectionQueue("writer", address, .lookups, lifeline: lifeline), chaining: chaining)
        follower = ConnectionQueue("follower", address, .lookups, lifeline: lifeline)
        reader = ConnectionQueue("reader", address, .scans, lifeline: lifeline)
    }

    /// Looks at the schema and the canary; gives what is wrong with them.
    private func prepare(sealing: some SecretSealing) async -> OpenFault? {
        let shown = address.shown
        do throws(StoreFailure) {
            return try await reader.run { connection in
                do {
                    let migration = Migration(connection: connection)
                    try migration.checkEncoding()
                    if try !migration.isDone() { try migration.run() }
                    return try Self.canaryFault(connection, sealing: sealing, shown: shown)
                } catch let fault as OpenFault {
                    return fault
                }
            }
        } catch {
            let reason =
                switch error {
                case .unavailable(let cause), .readOnly(let cause): cause
                default: "\(error)"
                }
            var fault = OpenFault(description: "cannot open the store at \(shown): \(reason)")
            if case .unavailable = error { fault.isAway = true }
            return fault
        }
    }

    private static let canary = Array("roster".utf8)

    /// What is wrong with the canary; seals a store that was never sealed.
    private static func canaryFault(
        _ connection: ServerConnection, sealing: some SecretSealing, shown: String
    ) throws -> OpenFault? {
        let look = "SELECT number, bytes FROM meta WHERE name = 'seal_canary'"
        var rows = try connection.run(look)
        if rows.count == 0 {
            let sealed = try sealing.seal(canary, of: "canary")
            try connection.run(
                """
                INSERT INTO meta (name, number, bytes) VALUES ('seal_canary', $1::bigint, $2::bytea) ON CONFLICT DO NOTHING
                """,
                [.number(Int64(sealed.keyVersion)), .bytes(sealed.bytes)])
            // Another replica may have been first, with another key.
            rows = try connection.run(look)
        }
        guard rows.count == 1 else { return OpenFault(description: "the store at \(shown) cannot be sealed") }
        let sealed = SealedSecret(keyVersion: Int(rows.number(0, 0)), bytes: rows.copy(0, 1))
        guard (try? sealing.open(sealed, of: "canary")) == canary else {
            return OpenFault(
                description: "the seal key is not the one that the store at \(shown) was made with: give every replica "
                    + "the same --seal-key")
        }
        return nil
    }

    // MARK: Reading

    package func load(
        progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreFailure) -> DirectoryImage {
        let second = ConnectionQueue("load 2", address, .scans, lifeline: lifeline)
        var (image, history) = try await ConnectionQueue("load 1", address, .scans, lifeline: lifeline).run {
            connection in
            try Loading(connection, beside: second, progress: progress).run()
        }
        note(image.revision, history)
        image.history = history
        return image
    }

    package func changes(since revision: Revision) async throws(StoreFailure) -> Delta? {
        let (delta, newest, history) = try await follower.run { connection in
            try Reading(connection).changes(since: revision, atMost: Self.largestDelta)
        }
        // After a failover to a standby that lacked some commits, the same revisions may mean something else.
        let isSame = self.history.withLock { $0 == nil || $0 == history }
        guard isSame, newest >= revision else { return nil }
        // Where there is no delta nothing was read yet: what is read next is noted by `load`.
        if delta != nil { note(newest, history) }
        return delta
    }

    private func note(_ revision: Revision, _ history: String) {
        self.history.withLock { $0 = history }
        pulse.newestRead.store(revision.number, ordering: .relaxed)
    }

    package func signs() -> AsyncStream<Void> { pulse.signs() }

    package func importBasis(
        for clusters: Set<ClusterID>, ids: Set<HPCUserID>
    ) async throws(StoreFailure) -> ImportBasis {
        try await reader.run { connection in
            let reading = Reading(connection)
            return try reading.transaction { try reading.importBasis(for: clusters, ids: ids) }
        }
    }

    package func accessKeys() async throws(StoreFailure) -> [AccessKey] {
        try await reader.run { connection in
            let rows = try connection.run(AccessKey.select, [.number(0)])
            return rows.indices.compactMap { AccessKey(rows, $0) }
        }
    }

    package func events(after sequence: Int64, limit: Int) async throws(StoreFailure) -> [LoggedEvent] {
        try await reader.run { connection in
            let rows = try connection.run(LoggedEvent.select, [.number(sequence), .number(Int64(limit))])
            return rows.indices.map { LoggedEvent(rows, $0) }
        }
    }

    package func ledger(of cluster: ClusterID) async throws(StoreFailure) -> [NumberGrant] {
        try await reader.run { connection in
            let rows = try connection.run(NumberGrant.selectOfCluster, [.text(cluster.text)])
            return rows.indices.compactMap { NumberGrant(rows, $0) }
        }
    }

    // MARK: Writing

    package func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreFailure) -> Revision {
        try await writer.commit(.change(change, ifNewest: expected), progress: progress).get()
    }

    package func commit(
        _ planned: PlannedChange, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreFailure) -> Revision {
        try await writer.commit(.plan(planned), progress: progress).get()
    }

    /// Whether after `error` the connection is still there, with a transaction to be ended.
    static func mayRollBack(_ error: any Error) -> Bool {
        switch error {
        case ServerError.lost, StoreFailure.uncertain: false
        default: true
        }
    }
}
