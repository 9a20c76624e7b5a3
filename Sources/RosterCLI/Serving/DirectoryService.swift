import CMalloc
import Logging
import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import ServiceLifecycle
import Synchronization

/// Opens the store, loads the directory and follows the store until the server stops.
struct DirectoryService: Service {
    let directory: Directory
    let source: StoreSource
    let homes: HomeProvisioner?
    let progress: StartProgress
    let logger: Logger

    private static let retryPause = Duration.seconds(2)
    /// After how many more users a line is logged.
    private static let loggedStep = 100_000

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            let start = ContinuousClock.now
            guard try await Self.unlessCancelled({ try await load() }) != nil else { return }
            let snapshot = directory.snapshot
            logger.notice(
                "ready",
                metadata: [
                    "users": "\(snapshot.userCount)", "revision": "\(snapshot.revision)",
                    "seconds": "\((ContinuousClock.now - start) / .seconds(1))",
                ])
            try await withThrowingTaskGroup(of: Void.self) { [directory, homes] group in
                group.addTask { await directory.follow() }
                if let homes { group.addTask { await homes.run() } }
                try await group.waitForAll()
            }
        }
    }

    /// Opens the store and publishes the first snapshot. A database that cannot be reached is waited for.
    /// - Throws: `CommandError` or `StoreError` for a store that waiting does not open.
    private func load() async throws {
        let lastCause = Mutex("")
        let onWait: @Sendable (String) -> Void = { [progress, logger] cause in
            progress.waits(now: .now)
            let isNew = lastCause.withLock { last in
                defer { last = cause }
                return last != cause
            }
            if isNew { logger.warning("the store cannot be read, trying again", metadata: ["cause": "\(cause)"]) }
        }
        let opened = try await source.open(onWait: onWait)
        directory.use(opened.store, sealing: opened.sealKey)
        // Loading needs as much temporary memory as the loaded directory takes; return it to the system afterwards.
        cmalloc_keep_apart(256 << 10)
        while let cause = try await loadOnce() {
            onWait(cause)
            try await Task.sleep(for: Self.retryPause)
        }
        cmalloc_trim()
    }

    /// - Returns: why the store cannot be reached, if it is waited for; nil once the directory is loaded.
    private func loadOnce() async throws -> String? {
        do throws(StoreError) {
            try await directory.start { [progress, logger] count in
                progress.loads(users: count)
                if count % Self.loggedStep == 0 { logger.info("loading", metadata: ["users": "\(count)"]) }
            }
            return nil
        } catch {
            guard source.folder == nil, case .unavailable(let cause) = error else { throw error }
            return cause
        }
    }

    /// Runs `body`; returns nil at once when the task is cancelled. `body` then goes on until the process ends: nothing
    /// interrupts a thread that waits for a network or a disk.
    private static func unlessCancelled<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        let (values, continuation) = AsyncThrowingStream.makeStream(of: Value.self)
        Task {
            do {
                continuation.yield(try await body())
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        for try await value in values { return value }
        return nil
    }
}
