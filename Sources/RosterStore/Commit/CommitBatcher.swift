package import RosterModel
import Synchronization

/// The changes that wait to be committed to a store, in the order in which they came: those that wait while a group is written
/// are the next one, and reach the disk together.
///
/// Nobody is answered before that. What a member of a group is refused for may lie in a member before it, which is true only
/// once the group is: so where the group fails as a whole, all its members are told so, the refused ones too.
package final class CommitBatcher: Sendable {
    package typealias Outcome = Result<Revision, StoreError>

    /// A change of more users is a group of its own: others need not fail with it.
    package static let largestMember = 1000
    /// More changes are not written together, so that the first caller of a group does not wait for hundreds.
    private static let largestGroup = 256

    private let state = Mutex(State())

    private struct State {
        var waiting: [PendingCommit] = []
        var isWriting = false
    }

    /// A change to be committed, and who waits for it.
    package struct PendingCommit: Sendable {
        package let work: Work
        /// To be told now and then how many users were written so far.
        package let progress: @Sendable (Int) -> Void
        fileprivate let caller: CheckedContinuation<Outcome, Never>

        /// Whether the change is a group of its own.
        package var isAlone: Bool {
            switch work {
            case .change(let change, _): change.users.count > CommitBatcher.largestMember
            case .plan: true
            }
        }
    }

    /// What is to be committed.
    package enum Work: Sendable {
        /// A change, and where given the revision that must be the newest.
        case change(Change, ifNewest: Revision?)
        case plan(PlannedChange)
    }

    package init() {}

    /// Stands in line with `work` until its group is written.
    /// - Parameter start: makes `writeAll` run, soon and elsewhere; called where nobody writes.
    package func join(
        _ work: Work, progress: @escaping @Sendable (Int) -> Void,
        start: () -> Void
    ) async -> Outcome {
        await withCheckedContinuation { caller in
            let order = PendingCommit(work: work, progress: progress, caller: caller)
            let isFirst = state.withLock { state in
                state.waiting.append(order)
                defer { state.isWriting = true }
                return !state.isWriting
            }
            if isFirst { start() }
        }
    }

    /// Has groups written until nobody waits.
    /// - Parameter write: commits a group; gives the outcomes of its members, in their order.
    package func writeAll(_ write: ([PendingCommit]) -> [Outcome]) {
        while let group = nextGroup() {
            let outcomes = write(group)
            precondition(outcomes.count == group.count, "each change of a group has an outcome of its own")
            for (order, outcome) in zip(group, outcomes) { order.caller.resume(returning: outcome) }
        }
    }

    /// Answers all who wait now, but for those whose change is a group of its own, with `failure`.
    package func refuseWaiting(_ failure: StoreError) {
        let refused = state.withLock { state in
            defer { state.waiting.removeAll { !$0.isAlone } }
            return state.waiting.filter { !$0.isAlone }
        }
        for order in refused { order.caller.resume(returning: .failure(failure)) }
    }

    /// Who waits, in the order in which they came; nil, and nobody writes from then on, where nobody does.
    private func nextGroup() -> [PendingCommit]? {
        state.withLock { state in
            guard let first = state.waiting.first else {
                state.isWriting = false
                return nil
            }
            let count = first.isAlone ? 1 : state.waiting.prefix(Self.largestGroup).prefix { !$0.isAlone }.count
            let group = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return group
        }
    }
}
