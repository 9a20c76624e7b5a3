import CMalloc
import Logging
import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import ServiceLifecycle

/// Loads the directory and follows its store until the server stops.
struct DirectoryService: Service {
    let directory: Directory
    let homes: HomeProvisioner?
    /// Whether to wait for a store that cannot be reached.
    let waits: Bool
    let logger: Logger

    private static let retryPause = Duration.seconds(2)

    /// Loads the directory.
    /// - Parameter step: the number of users after which progress is logged.
    /// - Returns: why the store cannot be reached, if the service waits for it; nil once the directory is loaded.
    private func load(_ step: Int) async throws -> String? {
        do throws(StoreError) {
            try await directory.start { [logger] count in
                if count % step == 0 { logger.info("loading", metadata: ["users": "\(count)"]) }
            }
            return nil
        } catch {
            guard waits, case .unavailable(let cause) = error else { throw error }
            return cause
        }
    }

    func run() async throws {
        let start = ContinuousClock.now
        let step = 100_000
        // Loading needs as much temporary memory as the loaded directory takes; return it to the system afterwards.
        cmalloc_keep_apart(256 << 10)
        while let cause = try await load(step) {
            logger.warning("the store cannot be read, trying again", metadata: ["cause": "\(cause)"])
            try await Task.sleep(for: Self.retryPause)
        }
        cmalloc_trim()
        let snapshot = directory.snapshot
        logger.notice(
            "ready",
            metadata: [
                "users": "\(snapshot.userCount)", "revision": "\(snapshot.revision)",
                "seconds": "\((ContinuousClock.now - start) / .seconds(1))",
            ])
        try await cancelWhenGracefulShutdown { [directory, homes] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await directory.follow() }
                if let homes { group.addTask { await homes.run() } }
                try await group.waitForAll()
            }
        }
    }
}
