import Logging
import ServiceLifecycle
import UnixSignals

/// Logs the signal that ends the server. The group of services stops by the same signal.
struct StopService: Service {
    let logger: Logger

    /// How long after the group has begun to stop a signal is waited for: one that came before this service ran is seen
    /// by the group alone.
    private static let patience = Duration.seconds(1)

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        await withTaskGroup { group in
            group.addTask { [logger] in
                for await signal in signals {
                    logger.notice("stopping", metadata: ["signal": "\(signal)"])
                    // A service that ends before the group begins to stop is taken for a failure.
                    try? await gracefulShutdown()
                    return
                }
            }
            group.addTask {
                try? await gracefulShutdown()
                try? await Task.sleep(for: Self.patience)
            }
            await group.next()
            group.cancelAll()
        }
    }
}
