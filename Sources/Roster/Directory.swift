import Synchronization

/// What every face talks to: reads from the published snapshot, writes through the store (the ordering rule of the design).
package final class Directory: Sendable {
    private let store: any UserStore
    private let sealing: any SecretSealing
    private let judging: any SignatureJudging
    private let clock: @Sendable () -> Timestamp
    private let report: @Sendable (StoreFailure) -> Void
    private let state = Mutex(State())

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

    /// Loads everything and publishes the first snapshot.
    /// - Throws: what `UserStore.load` throws.
    package func start(progress: @escaping @Sendable (Int) -> Void = { _ in }) async throws(StoreFailure) {
        publish(Snapshot(try await store.load(progress: progress), prepareKey: prepare))
    }

    /// Follows what other processes commit, until the task is cancelled. A failure is tried again at the next sign, and
    /// reported when it begins: signs come several times a second while a store is away.
    package func follow() async {
        var reported: StoreFailure?
        for await _ in store.signs() {
            do {
                try await catchUp()
                reported = nil
            } catch {
                if error != reported { report(error) }
                reported = error
            }
        }
    }

    /// Commits `change` and returns once it is published here: who wrote, reads it.
    /// - Throws: what `UserStore.commit` throws. Where the commit succeeded and only reading it back failed, nothing is
    ///   thrown: the change is true, and the next sign publishes it.
    @discardableResult
    package func commit(_ change: Change, ifNewest expected: Revision? = nil) async throws(StoreFailure) -> Revision {
        let revision = try await store.commit(change, ifNewest: expected)
        await refresh()
        return revision
    }

    /// Publishes what others have committed; a failure is reported, and what is published stays.
    package func refresh() async {
        do {
            try await catchUp()
        } catch {
            report(error)
        }
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
