package import RosterModel
import Synchronization

/// Batches the changes that wait to be committed, first come first served. Those that wait while one batch is written
/// form the next batch and reach the disk together (group commit).
///
/// Callers are answered only then. A change may be refused because of an earlier change in the same batch. If the batch
/// then fails to commit, that reason was never true, so every member, refused ones included, gets the batch's failure.
package final class CommitBatcher: Sendable {
    /// The revision of a committed change, or the error for which it failed.
    package typealias Outcome = Result<Revision, StoreError>

    /// A change with more users than this is a batch of its own, so that its failure does not affect others.
    package static let largestMember = 1000
    /// The maximum number of changes of a batch, so that its first caller does not wait for hundreds.
    private static let largestBatch = 256

    private let state = Mutex(State())

    private struct State {
        var waiting: [PendingCommit] = []
        var isWriting = false
    }

    /// A change to commit, and the caller that waits for it.
    package struct PendingCommit: Sendable {
        package let work: Work
        /// Called from time to time with the number of users written so far.
        package let progress: @Sendable (Int) -> Void
        fileprivate let caller: CheckedContinuation<Outcome, Never>

        /// Whether the change is a batch of its own.
        package var isAlone: Bool {
            switch work {
            case .change(let change, _): change.users.count > CommitBatcher.largestMember
            case .plan: true
            }
        }
    }

    /// What to commit.
    package enum Work: Sendable {
        /// A change, and optionally the revision that must be the newest.
        case change(Change, ifNewest: Revision?)
        case plan(PlannedChange)
    }

    /// Creates a batcher without waiting changes.
    package init() {}

    /// Queues `work` and returns once its batch is written.
    /// - Parameter start: makes `writeAll` run soon, on another thread; called if no batch is being written.
    package func join(
        _ work: Work, progress: @escaping @Sendable (Int) -> Void,
        start: () -> Void
    ) async -> Outcome {
        await withCheckedContinuation { caller in
            let pending = PendingCommit(work: work, progress: progress, caller: caller)
            let isFirst = state.withLock { state in
                state.waiting.append(pending)
                defer { state.isWriting = true }
                return !state.isWriting
            }
            if isFirst { start() }
        }
    }

    /// Writes batches until no change waits.
    /// - Parameter write: commits a batch and returns the outcomes of its members, in their order.
    package func writeAll(_ write: ([PendingCommit]) -> [Outcome]) {
        while let batch = nextBatch() {
            let outcomes = write(batch)
            precondition(outcomes.count == batch.count, "each change of a batch has an outcome of its own")
            for (pending, outcome) in zip(batch, outcomes) { pending.caller.resume(returning: outcome) }
        }
    }

    /// Fails every waiting change with `failure`, except those that are a batch of their own.
    package func refuseWaiting(_ failure: StoreError) {
        let refused = state.withLock { state in
            defer { state.waiting.removeAll { !$0.isAlone } }
            return state.waiting.filter { !$0.isAlone }
        }
        for pending in refused { pending.caller.resume(returning: .failure(failure)) }
    }

    /// The next batch, first come first served. Nil if no change waits; `isWriting` is false then.
    private func nextBatch() -> [PendingCommit]? {
        state.withLock { state in
            guard let first = state.waiting.first else {
                state.isWriting = false
                return nil
            }
            let count = first.isAlone ? 1 : state.waiting.prefix(Self.largestBatch).prefix { !$0.isAlone }.count
            let batch = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return batch
        }
    }
}
