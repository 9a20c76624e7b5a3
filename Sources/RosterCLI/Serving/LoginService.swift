import Logging
import RosterDirectory
import RosterStore
import ServiceLifecycle

/// Writes the record of logins to the store once a minute and when the server stops, and reads what other servers have
/// written.
struct LoginService: Service {
    let directory: Directory
    let logins: LoginRegister
    let logger: Logger

    private static let period = Duration.seconds(60)
    /// After a failure.
    private static let retryPause = Duration.seconds(5)
    /// Until the directory is loaded.
    private static let loadingPause = Duration.milliseconds(100)
    /// How long the last write may take, while another process may hold the store.
    private static let lastPatience = Duration.seconds(3)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !directory.isReady, !Task.isCancelled { try? await Task.sleep(for: Self.loadingPause) }
            var failure: StoreError?
            while !Task.isCancelled {
                failure = await exchange(after: failure)
                try? await Task.sleep(for: failure == nil ? Self.period : Self.retryPause)
            }
        }
        await writeLast()
    }

    /// - Parameter before: the failure of the exchange before, which is not logged again.
    private func exchange(after before: StoreError?) async -> StoreError? {
        do throws(StoreError) {
            try await logins.exchange()
            return nil
        } catch {
            // Those of an outage are logged already.
            if case .unavailable = error { return error }
            if error != before {
                logger.warning("the record of logins was not written or read", metadata: ["cause": "\(error)"])
            }
            return error
        }
    }

    /// Cancelling the service does not cancel the last write.
    private func writeLast() async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let writing = Task { [logins] in
            try? await logins.write()
            end.yield()
        }
        let waiting = Task {
            try? await Task.sleep(for: Self.lastPatience)
            end.yield()
        }
        await Task { for await _ in ends { break } }.value
        writing.cancel()
        waiting.cancel()
    }
}
