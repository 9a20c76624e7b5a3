import Dispatch
package import RosterModel
import Synchronization

/// Work that would keep an event loop too long, on threads of its own: one fewer than there are cores, so that other
/// work goes on. Clients take turns.
package final class WorkQueue: Sendable {
    private let width: Int
    private let threads = DispatchQueue(label: "roster.work", attributes: .concurrent)
    private let state: Mutex<State>

    private struct State {
        var running = 0
        var queue: FairQueue<Job>
    }

    private struct Job: Sendable {
        let work: @Sendable () -> Void
        let refuse: @Sendable () -> Void
    }

    /// Creates a queue.
    /// - Parameters:
    ///   - width: how much runs at once; at least 1.
    ///   - maximumPerClient: how much of one client may wait.
    ///   - maximum: how much may wait in all.
    package init(width: Int, maximumPerClient: Int = 64, maximum: Int = 1024) {
        self.width = max(1, width)
        state = Mutex(State(queue: FairQueue(maximumPerClient: maximumPerClient, maximum: maximum)))
    }

    /// How much waits.
    package var count: Int { state.withLock { $0.queue.count } }

    /// Runs `work` once it is the client's turn.
    /// - Parameter isWanted: asked right before `work` runs: whether its result is still wanted.
    /// - Returns: nil if too much waits, or the result is no longer wanted.
    package func run<Value: Sendable>(
        for client: QueueClient, isWanted: @escaping @Sendable () -> Bool, _ work: @escaping @Sendable () -> Value
    ) async -> Value? {
        await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
            enqueue(
                Job(
                    work: { continuation.resume(returning: isWanted() ? work() : nil) },
                    refuse: { continuation.resume(returning: nil) }), for: client)
        }
    }

    private func enqueue(_ job: Job, for client: QueueClient) {
        let (refused, first) = state.withLock { state in
            let refused = state.queue.append(job, for: client)
            return (refused, next(&state))
        }
        refused?.refuse()
        guard let first else { return }
        threads.async { self.work(startingWith: first) }
    }

    private func work(startingWith first: Job) {
        var job = first
        while true {
            job.work()
            let following = state.withLock { state in
                state.running -= 1
                return next(&state)
            }
            guard let following else { return }
            job = following
        }
    }

    /// Takes the next job, if a thread is free for it.
    private func next(_ state: inout State) -> Job? {
        guard state.running < width, let job = state.queue.popFirst() else { return nil }
        state.running += 1
        return job
    }
}
