import RosterModel
import RosterStore
import Synchronization

/// Who waits for a revision to be published. They wake in the moment it is; none of them looks again and again.
final class RevisionWaiters: Sendable {
    private let state = Mutex(State())
    private let capacity: Int

    private struct State {
        var lastID = 0
        var waiting: [Int: Waiter] = [:]
        var onWait: @Sendable (Int) -> Void = { _ in }
    }

    private struct Waiter {
        let revision: Revision
        let continuation: CheckedContinuation<End, Never>
    }

    /// How a wait ends.
    enum End: Sendable {
        case published
        /// The time is over, or the task was cancelled.
        case givenUp
        /// So many wait that no other may.
        case full
    }

    /// - Parameter capacity: how many may wait at once.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { state.withLock(\.waiting.count) }

    /// Calls `action` with the number of those who wait whenever one begins to.
    func onWait(_ action: @escaping @Sendable (Int) -> Void) { state.withLock { $0.onWait = action } }

    /// Waits until `revision` is released, at most for `time`.
    /// - Parameter isPublished: whether it is there; asked once this wait would notice its release.
    func wait(for revision: Revision, atMost time: Duration, isPublished: @Sendable () -> Bool) async -> End {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let timer = Task {
            // Cancelled where the wait is over earlier, and then there is nobody to end.
            try? await Task.sleep(for: time)
            end(id, .givenUp)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let begun = state.withLock { state -> (count: Int, tell: @Sendable (Int) -> Void)? in
                    guard state.waiting.count < capacity else { return nil }
                    state.waiting[id] = Waiter(revision: revision, continuation: continuation)
                    return (state.waiting.count, state.onWait)
                }
                guard let begun else { return continuation.resume(returning: .full) }
                begun.tell(begun.count)
                // Both may have happened before there was anybody to tell.
                if isPublished() { end(id, .published) }
                if Task.isCancelled { end(id, .givenUp) }
            }
        } onCancel: {
            end(id, .givenUp)
        }
    }

    /// Wakes all who wait for `revision` or an earlier one.
    func release(upTo revision: Revision) {
        let released = state.withLock { state -> [Waiter] in
            let due = state.waiting.filter { $0.value.revision <= revision }
            for id in due.keys { state.waiting[id] = nil }
            return Array(due.values)
        }
        for waiter in released { waiter.continuation.resume(returning: .published) }
    }

    private func end(_ id: Int, _ end: End) {
        let waiter = state.withLock { $0.waiting.removeValue(forKey: id) }
        waiter?.continuation.resume(returning: end)
    }
}
