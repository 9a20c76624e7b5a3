import Synchronization

/// A value that tests wait for. A waiter is woken by the change that it waits for, or when its task is cancelled.
package final class Watched<Value: Sendable>: Sendable {
    private let state: Mutex<State>

    private struct State {
        var value: Value
        var lastID = 0
        var waiters: [Int: Waiter] = [:]
    }

    private struct Waiter {
        let isMet: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    package var value: Value { state.withLock(\.value) }

    /// Changes the value, and wakes those who waited for what it is now.
    package func update(_ change: @Sendable (inout Value) -> Void) {
        let due = state.withLock { state in
            change(&state.value)
            let due = state.waiters.filter { $0.value.isMet(state.value) }
            for id in due.keys { state.waiters[id] = nil }
            return Array(due.values)
        }
        for waiter in due { waiter.continuation.resume() }
    }

    /// Returns once `isMet` holds for the value, or the task is cancelled.
    package func wait(until isMet: @escaping @Sendable (Value) -> Bool) async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if isMet(state.value) || Task.isCancelled { return true }
                    state.waiters[id] = Waiter(isMet: isMet, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume()
        }
    }
}

/// Returns once the task is cancelled.
package func waitForCancellation() async { await Watched(()).wait { _ in false } }
