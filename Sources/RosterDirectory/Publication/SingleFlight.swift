import RosterModel
import RosterStore
import Synchronization

/// Work that many ask for at the same time and that one run does for all of them.
///
/// A run goes on to its end even where those who wait for it are cancelled: others may wait too.
final class SingleFlight<Failure: Error>: Sendable {
    typealias Work = @Sendable () async throws(Failure) -> Void

    private let current = Mutex<Task<Result<Void, Failure>, Never>?>(nil)

    /// Waits for the run that is under way; where there is none, for `work`, which is one from now on.
    /// - Throws: what that run threw.
    func join(_ work: @escaping Work) async throws(Failure) {
        try await task(work).value.get()
    }

    /// Waits for a run that began after the call.
    /// - Throws: what that run threw.
    func startAfterCurrent(_ work: @escaping Work) async throws(Failure) {
        if let older = current.withLock({ $0 }) { _ = await older.value }
        try await join(work)
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
