package import CoreMetrics
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Measures how long the event loops of the servers keep others waiting, and logs a wait that clients notice.
package struct EventLoopWatchdog: Service {
    private let delays: Timer
    private let logger: Logger

    private static let interval = TimeAmount.milliseconds(100)
    /// A delay that is logged.
    private static let noticed = TimeAmount.milliseconds(50)
    /// At most one line in this time.
    private static let pause = TimeAmount.minutes(1)

    /// A watchdog that records into `metrics`.
    package init(metrics: any MetricsFactory, logger: Logger) {
        delays = Timer(label: "roster_event_loop_delay_seconds", factory: metrics)
        self.logger = logger
    }

    package func run() async throws {
        let (delays, logger) = (delays, logger)
        let log = LastLine()
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
        let isStopped = Stop()
        for loop in loops {
            @Sendable func next() {
                let due = NIODeadline.now() + Self.interval
                loop.scheduleTask(deadline: due) {
                    guard !isStopped.value.load(ordering: .relaxed) else { return }
                    let delay = NIODeadline.now() - due
                    delays.recordNanoseconds(delay.nanoseconds)
                    if delay > Self.noticed, log.mayLog() {
                        logger.notice(
                            "an event loop was busy and its clients waited",
                            metadata: ["milliseconds": "\(delay.nanoseconds / 1_000_000)"])
                    }
                    next()
                }
            }
            next()
        }
        let (stopped, stopping) = AsyncStream.makeStream(of: Never.self)
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                for await _ in stopped {}
            } onGracefulShutdown: {
                stopping.finish()
            }
        } onCancel: {
            stopping.finish()
        }
        isStopped.value.store(true, ordering: .relaxed)
    }

    private final class Stop: Sendable {
        let value = Atomic(false)
    }

    /// When a line was logged last, by any loop.
    private final class LastLine: Sendable {
        private let time = Mutex(NIODeadline.now() - EventLoopWatchdog.pause)

        func mayLog() -> Bool {
            time.withLock { time in
                let now = NIODeadline.now()
                guard now - time >= EventLoopWatchdog.pause else { return false }
                time = now
                return true
            }
        }
    }
}
