import RosterModel
import RosterStore
import Synchronization

/// Callers that wait for a revision to be published. They wake as soon as it is, without polling.
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
        /// The time is up, or the task was cancelled.
        case givenUp
        /// Too many callers wait already.
        case full
    }

    /// - Parameter capacity: how many callers may wait at once.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { state.withLock(\.waiting.count) }

    /// Calls `action` with the number of waiting callers whenever one begins to wait.
    func onWait(_ action: @escaping @Sendable (Int) -> Void) { state.withLock { $0.onWait = action } }

    /// Waits until `revision` is released, for at most `time`.
    /// - Parameter isPublished: whether the revision is published; called once this wait is registered, so that no
    ///   release is missed.
    func wait(for revision: Revision, atMost time: Duration, isPublished: @Sendable () -> Bool) async -> End {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let timer = Task {
            // Cancelled if the wait ended earlier; `end` then finds no waiter.
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
                // Either may have happened before the waiter was registered.
                if isPublished() { end(id, .published) }
                if Task.isCancelled { end(id, .givenUp) }
            }
        } onCancel: {
            end(id, .givenUp)
        }
    }

    /// Wakes all callers that wait for `revision` or an earlier one.
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
