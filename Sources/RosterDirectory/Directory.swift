package import CoreMetrics
import Dispatch
package import RosterModel
package import RosterSnapshot
package import RosterStore
import Synchronization

/// The directory as every server sees it: reads come from the published snapshot, writes go through the store. It
/// enforces the ordering rule (docs/architecture.md).
package final class Directory: Sendable {
    private let opened = Mutex<Opened?>(nil)
    private let verifying: any SignatureVerifying
    private let clock: @Sendable () -> Timestamp
    private let report: @Sendable (StoreHealthEvent) -> Void
    private let breaker: StoreCircuitBreaker
    private let state = Mutex(State())
    private let publication = SingleFlight<StoreError>()
    let waiters = RevisionWaiters(capacity: waitingLimit)
    let readerRefusals = ReaderRefusals()
    private let metrics: DirectoryMetrics

    /// A store, and the key of its secrets and of its operation log.
    private struct Opened {
        let store: any DirectoryStore
        let sealing: any SecretSealing & EventChaining
    }

    private struct State {
        var snapshot: Snapshot = .empty
        var isReady = false
        /// How often the store has moved to another timeline, or back to an earlier state.
        var timelineChanges = 0
        /// The newest revision that this process committed.
        var committed = Revision.none
        /// Whether a poll of the store is scheduled but has not begun.
        var isRefreshScheduled = false
    }

    /// A directory whose store `use` gives later. Until then everything that needs the store fails with `unavailable`.
    /// - Parameters:
    ///   - clock: the current time.
    ///   - report: called with each event of the store's health.
    ///   - metrics: where the directory's metrics are kept.
    package init(
        verifying: any SignatureVerifying, clock: @escaping @Sendable () -> Timestamp,
        report: @escaping @Sendable (StoreHealthEvent) -> Void,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) {
        self.metrics = DirectoryMetrics(metrics)
        self.verifying = verifying
        self.clock = clock
        self.report = report
        breaker = StoreCircuitBreaker(clock: clock, report: report)
    }

    /// A directory on `store`.
    package convenience init(
        store: any DirectoryStore, sealing: any SecretSealing & EventChaining, verifying: any SignatureVerifying,
        clock: @escaping @Sendable () -> Timestamp, report: @escaping @Sendable (StoreHealthEvent) -> Void,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) {
        self.init(verifying: verifying, clock: clock, report: report, metrics: metrics)
        use(store, sealing: sealing)
    }

    /// Gives the directory its store, once, before `start`.
    package func use(_ store: any DirectoryStore, sealing: any SecretSealing & EventChaining) {
        opened.withLock { opened in
            precondition(opened == nil, "a directory has one store")
            opened = Opened(store: store, sealing: sealing)
        }
    }

    private var store: any DirectoryStore { get throws(StoreError) { try open().store } }

    private var sealing: any SecretSealing & EventChaining { get throws(StoreError) { try open().sealing } }

    private func open() throws(StoreError) -> Opened {
        guard let opened = opened.withLock(\.self) else { throw .unavailable(cause: "it is not open yet") }
        return opened
    }

    /// The newest published snapshot. The lock is held only to copy the reference.
    package var snapshot: Snapshot { state.withLock(\.snapshot) }

    /// The newest published snapshot, and how often the timeline has changed: revisions of different timelines are not
    /// comparable.
    var snapshotOfTimeline: (snapshot: Snapshot, timelineChanges: Int) {
        state.withLock { ($0.snapshot, $0.timelineChanges) }
    }

    /// Whether a first snapshot was published.
    package var isReady: Bool { state.withLock(\.isReady) }

    /// Since when the store has been unreachable, by the directory's clock; nil if it is reachable, as far as is known.
    /// During an outage, reads continue from the snapshot, and everything that needs the store fails with `unavailable`
    /// at once.
    package var unreachableSince: Timestamp? { breaker.unreachableSince }

    /// Why the store takes no writes, as the last command found: its disk is full, for example. Nil if it took it.
    package var readOnlyCause: String? { breaker.readOnlyCause }

    /// The newest revision known here: published, or committed by this process and about to be published. A client that
    /// reads at least this revision reads its own writes.
    package var knownRevision: Revision { state.withLock { max($0.snapshot.revision, $0.committed) } }

    /// The current time, by which expiry and requests are checked.
    package var now: Timestamp { clock() }

    /// The digest that identifies a signed request; nil if its signature is malformed.
    package func digest(of request: SignedRequest) -> [UInt8]? { verifying.digest(of: request) }

    /// Verifies requests of unknown keys, which it always refuses.
    package var dummyVerifier: any SignatureVerifier { verifying.dummyVerifier }

    /// The principal of the key `id` if the key is active and its secret is `secret`; nil otherwise. For servers whose
    /// clients send the secret itself. The time of the comparison depends only on the lengths.
    package func principal(of id: AccessKeyID, secret: some Collection<UInt8>) -> Principal? {
        guard let key = snapshot.key(id), let own = try? sealing.open(key.secret, of: id.text),
            own.equalsInConstantTime(secret)
        else { return nil }
        return key.principal
    }

    /// Loads everything and publishes the first snapshot.
    /// - Throws: what `DirectoryStore.load` throws.
    package func start(progress: @escaping @Sendable (Int) -> Void = { _ in }) async throws(StoreError) {
        let start = ContinuousClock.now
        publish(await snapshot(of: try await load(progress: progress)))
        metrics.loaded(since: start)
    }

    /// - Throws: what `DirectoryStore.load` throws; `unavailable` where memory does not suffice for all users.
    private func load(progress: @escaping @Sendable (Int) -> Void) async throws(StoreError) -> DirectoryContents {
        let contents = try await store.load(progress: progress)
        guard !contents.loaded.isExhausted else {
            throw .unavailable(cause: "the system has no memory left to load the users")
        }
        return contents
    }

    /// Follows the commits of other processes until the task is cancelled. While polls of the store fail, it retries
    /// four times a second.
    package func follow() async {
        // If a write finds an outage, the store is polled at once: it may never send another notification.
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        breaker.onOutage { wake.yield() }
        guard let store = try? store else { return }
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in store.changeNotifications() { wake.yield() }
                wake.finish()
            }
            for await _ in wakes { await publishUntilSuccessful() }
        }
    }

    /// Publishes new revisions, retrying until it succeeds: the notification has been consumed and may not be repeated.
    private func publishUntilSuccessful() async {
        while !Task.isCancelled {
            do throws(StoreError) {
                return try await publishNewest()
            } catch {
                breaker.recordFailedPoll(error)
            }
            try? await Task.sleep(for: Self.retryPause)
        }
    }

    private static let retryPause = Duration.milliseconds(250)
    /// How often a writer polls for its own change before it is answered without it: about two seconds in all.
    private static let publishAttempts = 8
    /// How many callers may wait for a revision at once.
    private static let waitingLimit = 1000

    /// Commits `change` and returns once it is published here, so that the caller reads its own write.
    /// - Throws: what `DirectoryStore.commit` throws; `unavailable` at once during an outage. If only reading the
    ///   change back fails, nothing is thrown: it is committed, and the next notification publishes it.
    @discardableResult
    package func commit(_ change: Change, ifNewest expected: Revision? = nil) async throws(StoreError) -> Revision {
        try breaker.check()
        let start = ContinuousClock.now
        let revision: Revision
        do throws(StoreError) {
            revision = try await breaker.call { () throws(StoreError) in
                try await store.commit(change, ifNewest: expected)
            }
        } catch {
            breaker.recordWrite(error)
            metrics.notCommitted(error)
            throw error
        }
        breaker.recordWrite(nil)
        metrics.committed(since: start)
        state.withLock { $0.committed = max($0.committed, revision) }
        // Many commits may have reached the disk together: one poll of the store publishes them all. The current run
        // may have begun before this commit; the next one has not.
        for _ in 0..<Self.publishAttempts where snapshot.revision < revision {
            do throws(StoreError) {
                try await publication.joinCurrent { [self] () throws(StoreError) in try await catchUp() }
            } catch {
                breaker.recordFailedPoll(error)
                // The follower publishes it once the store is back.
                if unreachableSince != nil { break }
                try? await Task.sleep(for: Self.retryPause)
            }
        }
        return revision
    }

    /// Returns once a snapshot of `revision` or a later one is published here. One poll of the store serves all
    /// concurrent callers: a change of another process may arrive before its notification.
    /// - Parameter time: how long to wait.
    /// - Throws: `busy` on timeout, or if too many callers wait.
    package func wait(for revision: Revision, atMost time: Duration) async throws(RosterError) {
        guard snapshot.revision < revision else { return }
        scheduleRefresh()
        switch await waiters.wait(
            for: revision, atMost: time, isPublished: { [self] in snapshot.revision >= revision })
        {
        case .published: return
        case .givenUp:
            throw RosterError(
                .busy, "this server has not reached revision \(revision) yet, it is at \(snapshot.revision)")
        case .full: throw RosterError(.busy, "too many requests wait for a revision, try again")
        }
    }

    /// How many callers wait for a revision.
    package var waitingCount: Int { waiters.count }

    /// Schedules one poll of the store for all callers that arrive before it begins.
    private func scheduleRefresh() {
        let isAskedFor = state.withLock { state in
            defer { state.isRefreshScheduled = true }
            return state.isRefreshScheduled
        }
        if !isAskedFor { Task { await refresh() } }
    }

    /// The jobs of the operation log that match `query`, read from the store: a snapshot does not contain the log.
    /// - Throws: what `DirectoryStore.jobs` throws; `unavailable` at once during an outage.
    package func operations(_ query: OperationQuery) async throws(StoreError) -> OperationPage {
        try breaker.check()
        return try await breaker.call { () throws(StoreError) in try await store.jobs(query) }
    }

    /// The events of the operation log after the one numbered `sequence`, at most `limit`, read from the store.
    /// - Throws: what `DirectoryStore.events` throws; `unavailable` at once during an outage.
    package func events(after sequence: Int64, limit: Int) async throws(StoreError) -> [LoggedEvent] {
        try breaker.check()
        return try await breaker.call { () throws(StoreError) in
            try await store.events(after: sequence, limit: limit)
        }
    }

    /// Reads the whole operation log from the store and verifies its chain.
    /// - Throws: what `DirectoryStore.events` throws; `unavailable` at once during an outage.
    package func walkLog(
        expecting expected: ChainHead?
    ) async throws(StoreError) -> Result<ChainHead, ChainWalk.ChainError> {
        try breaker.check()
        return try await breaker.call { () throws(StoreError) in
            try await store.walkLog(chaining: sealing, expecting: expected)
        }
    }

    /// Who has or had a uid in a cluster; nil if it was never allocated.
    /// - Throws: what `DirectoryStore.allocation` throws; `unavailable` at once during an outage.
    package func holder(of uid: UInt32, in cluster: ClusterID) async throws(StoreError) -> IDAllocation? {
        try breaker.check()
        return try await breaker.call { () throws(StoreError) in
            try await store.allocation(of: uid, kind: .uid, in: cluster)
        }
    }

    /// The users that were deleted from `cluster` under a name, the last deleted first; at most `limit`.
    /// - Parameter id: if not nil, only this user.
    /// - Throws: what `DirectoryStore.deletedUsers` throws; `unavailable` at once during an outage.
    package func deletedUsers(
        named name: String, id: HPCUserID?, in cluster: ClusterID, limit: Int
    ) async throws(StoreError) -> [DeletedUser] {
        try breaker.check()
        return try await breaker.call { () throws(StoreError) in
            try await store.deletedUsers(named: name, id: id, in: cluster, limit: limit)
        }
    }

    /// Merges records of logins into those of the store, at most 1,000 a call.
    /// - Throws: what `DirectoryStore.record` throws; `unavailable` at once during an outage.
    func record(_ logins: [LoginRecord]) async throws(StoreError) {
        try breaker.check()
        try await breaker.call { () throws(StoreError) in try await store.record(logins) }
    }

    /// The logins that were recorded since a mark; all of them if it is nil.
    /// - Throws: what `DirectoryStore.logins` throws; `unavailable` at once during an outage.
    func logins(since mark: Int64?) async throws(StoreError) -> LoginHistory {
        try breaker.check()
        return try await breaker.call { () throws(StoreError) in try await store.logins(since: mark) }
    }

    /// Publishes what others have committed. A failure is reported, and the published snapshot stays.
    package func refresh() async {
        do {
            try await publishNewest()
        } catch {
            breaker.recordFailedPoll(error)
        }
    }

    /// Publishes what was committed before the call, and returns the snapshot then published.
    /// - Throws: what `DirectoryStore.changes` and `load` throw.
    func publishedNow() async throws(StoreError) -> (snapshot: Snapshot, timelineChanges: Int) {
        try await publishNewest()
        return snapshotOfTimeline
    }

    /// Publishes what was committed before the call.
    private func publishNewest() async throws(StoreError) {
        try await publication.startAfterCurrent { [self] () throws(StoreError) in try await catchUp() }
    }

    /// Publishes everything committed so far, in order. `publication` runs one poll at a time; even so, `publish`
    /// replaces a snapshot only with a newer one, or with one of another timeline.
    private func catchUp() async throws(StoreError) {
        let current = state.withLock { state in
            state.isRefreshScheduled = false
            return state.snapshot
        }
        let delta = try await breaker.call(isPoll: true) { () throws(StoreError) in
            try await store.changes(since: current.revision)
        }
        if let delta {
            guard delta.to > current.revision else { return }
            let start = ContinuousClock.now
            publish(current.applying(delta, prepareKey: prepare))
            metrics.published(since: start)
        } else {
            let start = ContinuousClock.now
            let contents = try await breaker.call(isPoll: true) { () throws(StoreError) in
                try await load { _ in }
            }
            // A store with an older revision than before was restored to an earlier state; treat it as another
            // timeline.
            let isBack = contents.revision < current.revision
            publish(await snapshot(of: contents), isBack: isBack)
            metrics.loaded(since: start)
        }
    }

    /// Builds a snapshot on a separate thread: it uses all cores for up to a second, and Swift's thread pool must stay
    /// free.
    private func snapshot(of contents: DirectoryContents) async -> Snapshot {
        await withCheckedContinuation { continuation in
            Self.building.async { continuation.resume(returning: Snapshot(contents, prepareKey: self.prepare)) }
        }
    }

    private static let building = DispatchQueue(label: "roster.snapshot")

    /// - Parameter isBack: whether the store went back to an earlier state.
    /// - Returns: whether the snapshot is of another timeline than the one before.
    @discardableResult
    private func publish(_ snapshot: Snapshot, isBack: Bool = false) -> Bool {
        let (newest, isAnother) = state.withLock { state in
            let isAnother = isBack || state.isReady && snapshot.timelineID != state.snapshot.timelineID
            if !state.isReady || isAnother || snapshot.revision > state.snapshot.revision { state.snapshot = snapshot }
            if isAnother {
                state.committed = snapshot.revision
                state.timelineChanges += 1
            }
            state.isReady = true
            return (state.snapshot.revision, isAnother)
        }
        waiters.release(upTo: newest)
        return isAnother
    }

    private func prepare(_ key: AccessKey) -> (any SignatureVerifier)? {
        do {
            return verifying.prepare(secret: try sealing.open(key.secret, of: key.id.text))
        } catch {
            report(.unreadableKey(key.id, cause: "\(error)"))
            return nil
        }
    }
}
