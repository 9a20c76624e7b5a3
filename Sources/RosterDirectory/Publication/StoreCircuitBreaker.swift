package import RosterModel
package import RosterStore
import Synchronization

/// What a directory tells the log of its store: each thing once, and not once a request.
package enum StoreHealthEvent: Sendable, Equatable {
    /// The store cannot be reached: reads go on from memory, writes are refused.
    case away(cause: String)
    /// The store is reached again, after so long.
    case back(after: Duration)
    /// A look at the store failed though it is there; the next may succeed.
    case pollFailed(StoreError)
    /// A key is as good as unknown because its secret cannot be opened.
    case unreadableKey(AccessKeyID, cause: String)
}

/// Knows whether the store can be reached, from how the calls of it end.
final class StoreCircuitBreaker: Sendable {
    private let clock: @Sendable () -> Timestamp
    private let tell: @Sendable (StoreHealthEvent) -> Void
    private let state = Mutex(State())

    private struct State {
        var outage: Outage?
        /// Calls are numbered in the order in which they begin.
        var begun = 0
        /// The latest begun of the calls that reached the store.
        var reached = 0
        /// What the log was told last, and when.
        var lastReported: (cause: String, time: ContinuousClock.Instant)?
        var lastFailedPoll: StoreError?
        var onOutage: @Sendable () -> Void = {}
    }

    private struct Outage {
        let cause: String
        let since: Timestamp
        let start: ContinuousClock.Instant
        var isReported: Bool
    }

    /// For how long the same cause is not told again, unless a look at the store confirms it: a store that is there and
    /// fails in one table would fill the log with the requests that need it.
    private static let quietTime = Duration.seconds(60)

    init(clock: @escaping @Sendable () -> Timestamp, tell: @escaping @Sendable (StoreHealthEvent) -> Void) {
        self.clock = clock
        self.tell = tell
    }

    /// Since when the store cannot be reached; nil where it can, as far as is known.
    var unreachableSince: Timestamp? { state.withLock { $0.outage?.since } }

    /// Calls `action` whenever the store is found to be away that was there before.
    func onOutage(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onOutage = action }
    }

    /// - Throws: `unavailable` at once while the store is known to be away: nobody waits for a time-out that others have had.
    func check() throws(StoreError) {
        if let outage = state.withLock(\.outage) { throw .unavailable(cause: outage.cause) }
    }

    /// What `call` answers. Notes whether the store was reached.
    /// - Parameter isPoll: whether the call looks for what is new, as the follower does.
    /// - Throws: what `call` throws.
    func call<Value>(
        isPoll: Bool = false, _ call: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let number = state.withLock { state in
            state.begun += 1
            return state.begun
        }
        do {
            let value = try await call()
            markReachable(number, isPoll: isPoll)
            return value
        } catch {
            switch error {
            case .unavailable(let cause), .uncertain(let cause):
                // A call that was given up says nothing of the store.
                if !Task.isCancelled { markUnreachable(number, cause: cause, isPoll: isPoll) }
            // Who refuses is there. A store that takes no writes is asked every time.
            case .outdated, .conflict, .answered, .readOnly: markReachable(number, isPoll: false)
            // It may be this process that has too much to do.
            case .busy: break
            }
            throw error
        }
    }

    /// Tells the log of a look that failed for another reason than that the store is away: once, until a look succeeds.
    func recordFailedPoll(_ failure: StoreError) {
        if case .unavailable = failure { return }
        let isNew = state.withLock { state in
            defer { state.lastFailedPoll = failure }
            return state.lastFailedPoll != failure
        }
        if isNew { tell(.pollFailed(failure)) }
    }

    private func markReachable(_ number: Int, isPoll: Bool) {
        let ended: Outage? = state.withLock { state in
            state.reached = max(state.reached, number)
            if isPoll { state.lastFailedPoll = nil }
            defer { state.outage = nil }
            return state.outage
        }
        if let ended, ended.isReported { tell(.back(after: ended.start.duration(to: .now))) }
    }

    private func markUnreachable(_ number: Int, cause: String, isPoll: Bool) {
        let now = ContinuousClock.now
        let (isNew, mustReport, onOutage) = state.withLock { state -> (Bool, Bool, @Sendable () -> Void) in
            // A call that ran into a time-out may end after a later one has found the store back.
            guard number > state.reached else { return (false, false, {}) }
            let isNew = state.outage == nil
            var outage = state.outage ?? Outage(cause: cause, since: clock(), start: now, isReported: false)
            let wasReportedJustNow =
                state.lastReported.map { $0.cause == cause && now - $0.time < Self.quietTime } ?? false
            let mustReport = !outage.isReported && (isPoll || !wasReportedJustNow)
            if mustReport {
                outage.isReported = true
                state.lastReported = (cause, now)
            }
            state.outage = outage
            return (isNew, mustReport, state.onOutage)
        }
        if mustReport { tell(.away(cause: cause)) }
        if isNew { onOutage() }
    }
}
