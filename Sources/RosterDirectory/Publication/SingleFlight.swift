import RosterModel
import RosterStore
import Synchronization

/// Work that many callers request at the same time and that runs once for all of them.
///
/// A run continues to its end even if callers that wait for it are cancelled: others may wait too.
final class SingleFlight<Failure: Error>: Sendable {
    typealias Work = @Sendable () async throws(Failure) -> Void

    private let current = Mutex<Task<Result<Void, Failure>, Never>?>(nil)

    /// Waits for the current run; if there is none, starts `work`.
    /// - Throws: what that run threw.
    func joinCurrent(_ work: @escaping Work) async throws(Failure) {
        try await task(work).value.get()
    }

    /// Waits for a run that began after the call.
    /// - Throws: what that run threw.
    func startAfterCurrent(_ work: @escaping Work) async throws(Failure) {
        if let older = current.withLock({ $0 }) { _ = await older.value }
        try await joinCurrent(work)
    }

    private func task(_ work: @escaping Work) -> Task<Result<Void, Failure>, Never> {
        current.withLock { current in
            if let current { return current }
            let task = Task {
                let result = await Self.result(of: work)
                self.current.withLock { $0 = nil }
                return result
            }
            current = task
            return task
        }
    }

    private static func result(of work: Work) async -> Result<Void, Failure> {
        do throws(Failure) {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
}
