import Synchronization

/// What every face talks to: reads from the published snapshot, writes through the store (the ordering rule of the design).
package final class Directory: Sendable {
    private let store: any UserStore
    private let sealing: any SecretSealing
    private let judging: any SignatureJudging
    private let clock: @Sendable () -> Timestamp
    private let report: @Sendable (StoreFailure) -> Void
    private let state = Mutex(State())
    private let log = OperationLog()
    private let publication = SharedRun<StoreFailure>()

    private struct State {
        var snapshot: Snapshot = .empty
        var isReady = false
    }

    /// - Parameters:
    ///   - clock: the time of now; a test's own where it wants to turn it.
    ///   - report: told of failures while following the store, for the log.
    package init(
        store: any UserStore, sealing: any SecretSealing, judging: any SignatureJudging,
        clock: @escaping @Sendable () -> Timestamp, report: @escaping @Sendable (StoreFailure) -> Void
    ) {
        self.store = store
        self.sealing = sealing
        self.judging = judging
        self.clock = clock
        self.report = report
    }

    /// The newest published snapshot. The lock is held only to copy the reference.
    package var snapshot: Snapshot { state.withLock(\.snapshot) }

    /// Whether a first snapshot was published.
    package var isReady: Bool { state.withLock(\.isReady) }

    /// The time of now, as this directory judges expiry and requests.
    package var now: Timestamp { clock() }

    /// What tells a signed request from every other; nil where its signature has not the form of one.
    package func digest(of request: SignedRequest) -> [UInt8]? { judging.digest(of: request) }

    /// What judges the requests of unknown keys.
    package var unknownKey: any SignatureJudge { judging.unknownKey }

    /// Whom the key `id` stands for, where it works and its secret is `secret`: for faces whose clients send the secret
    /// itself. Compares in a time that depends on the lengths only.
    package func principal(of id: AccessKeyID, secret: some Collection<UInt8>) -> Principal? {
        guard let key = snapshot.key(id), let own = try? sealing.open(key.secret, of: id.text),
            own.count == secret.count, zip(own, secret).reduce(UInt8(0), { $0 | ($1.0 ^ $1.1) }) == 0
        else { return nil }
        return key.principal
    }

    /// Loads everything and publishes the first snapshot.
    /// - Throws: what `UserStore.load` throws.
    package func start(progress: @escaping @Sendable (Int) -> Void = { _ in }) async throws(StoreFailure) {
        publish(Snapshot(try await store.load(progress: progress), prepareKey: prepare))
    }

    /// Follows what other processes commit, until the task is cancelled. After a failure it tries again until it succeeds;
    /// the failure is reported once.
    package func follow() async {
        for await _ in store.signs() {
            var reported: StoreFailure?
            while !Task.isCancelled {
                do throws(StoreFailure) {
                    try await publishNewest()
                    break
                } catch {
                    if error != reported { report(error) }
                    reported = error
                }
                // The sign is spent, and no other may come: what it told of is sought until it is found.
                try? await Task.sleep(for: Self.retryPause)
            }
        }
    }

    private static let retryPause = Duration.milliseconds(250)
    /// How often a writer's own change is sought before the caller is answered without it: some two seconds.
    private static let publishAttempts = 8

    /// Commits `change` and returns once it is published here: who wrote, reads it.
    /// - Throws: what `UserStore.commit` throws. Where the commit succeeded and only reading it back failed, nothing is
    ///   thrown: the change is true, and the next sign publishes it.
    @discardableResult
    package func commit(_ change: Change, ifNewest expected: Revision? = nil) async throws(StoreFailure) -> Revision {
        let revision = try await store.commit(change, ifNewest: expected)
        // Many commits may have reached the disk together: one look at the store publishes them all. The run that is under way
        // may have begun before this commit; the next one has not.
        for _ in 0..<Self.publishAttempts where snapshot.revision < revision {
            do throws(StoreFailure) {
                try await publication.join { [self] () throws(StoreFailure) in try await catchUp() }
            } catch {
                report(error)
                try? await Task.sleep(for: Self.retryPause)
            }
        }
        return revision
    }

    /// The jobs of the operation log that `query` asks for, and how many there are in all. The log is no part of a snapshot:
    /// what came since the last look is read from the store.
    /// - Throws: what `UserStore.events` throws.
    package func operations(
        _ query: OperationQuery
    ) async throws(StoreFailure) -> (totalCount: Int, operations: [Operation]) {
        try await log.fold(from: store).page(query)
    }

    /// All jobs of the operation log.
    /// - Throws: what `UserStore.events` throws.
    package func operations() async throws(StoreFailure) -> OperationFold {
        try await log.fold(from: store)
    }

    /// Walks the whole operation log, read from the store, and proves its chain.
    /// - Throws: what `UserStore.events` throws.
    package func walkLog(
        chaining: any EventChaining, expecting expected: ChainHead?
    ) async throws(StoreFailure) -> Result<ChainHead, ChainWalk.Break> {
        try await store.walkLog(chaining: chaining, expecting: expected)
    }

    /// Who has or had a uid in a cluster; nil where it was never given.
    /// - Throws: what `UserStore.ledger` throws.
    package func holder(of uid: UInt32, in cluster: ClusterID) async throws(StoreFailure) -> NumberGrant? {
        try await store.ledger(of: cluster).first { $0.kind == .uid && $0.number == uid }
    }

    /// Publishes what others have committed; a failure is reported, and what is published stays.
    package func refresh() async {
        do {
            try await publishNewest()
        } catch {
            report(error)
        }
    }

    /// Publishes what was committed before the call.
    private func publishNewest() async throws(StoreFailure) {
        try await publication.joinNew { [self] () throws(StoreFailure) in try await catchUp() }
    }

    /// Publishes everything committed so far, in order. Several at once do no harm: each goes from the snapshot it
    /// started with, and only a newer one is published.
    private func catchUp() async throws(StoreFailure) {
        let current = snapshot
        if let delta = try await store.changes(since: current.revision) {
            guard delta.to > current.revision else { return }
            publish(current.applying(delta, prepareKey: prepare))
        } else {
            publish(Snapshot(try await store.load { _ in }, prepareKey: prepare))
        }
    }

    private func publish(_ snapshot: Snapshot) {
        state.withLock { state in
            if !state.isReady || snapshot.revision > state.snapshot.revision { state.snapshot = snapshot }
            state.isReady = true
        }
    }

    private func prepare(_ key: AccessKey) -> (any SignatureJudge)? {
        do {
            return judging.prepare(secret: try sealing.open(key.secret, of: key.id.text))
        } catch {
            report(.unavailable(cause: "access key \(key.id) cannot be opened: \(error)"))
            return nil
        }
    }
}

/// The operation log as far as it was read. It only grows, so each look reads what is new.
private actor OperationLog {
    private var known = OperationFold()
    private var last: Int64 = 0

    private static let batch = 10_000

    func fold(from store: any UserStore) async throws(StoreFailure) -> OperationFold {
        while true {
            let after = last
            let events = try await store.events(after: after, limit: Self.batch)
            // Another caller may have read the same meanwhile.
            for logged in events where logged.sequence > last {
                known.add(logged.event)
                last = logged.sequence
            }
            if events.count < Self.batch { return known }
        }
    }
}
