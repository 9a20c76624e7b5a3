package import RosterModel
package import RosterStore
import Synchronization

/// A change of the store's health, reported once rather than per request.
package enum StoreHealthEvent: Sendable, Equatable {
    /// The store cannot be reached: reads continue from memory, writes are refused.
    case away(cause: String)
    /// The store can be reached again, after an outage of this length.
    case back(after: Duration)
    /// The store takes no writes, because it is full for example; reads continue.
    case readOnly(cause: String)
    /// The store takes writes again.
    case writable
    /// A poll failed although the store can be reached; the next may succeed.
    case pollFailed(StoreError)
    /// The secret of a key cannot be decrypted; the key is treated as unknown.
    case unreadableKey(AccessKeyID, cause: String)
}

/// Makes calls fail at once while the store is unreachable, as the outcomes of earlier calls show.
final class StoreCircuitBreaker: Sendable {
    private let clock: @Sendable () -> Timestamp
    private let report: @Sendable (StoreHealthEvent) -> Void
    private let state = Mutex(State())

    private struct State {
        var outage: Outage?
        /// Calls are numbered in the order in which they begin.
        var begun = 0
        /// The number of the latest call that reached the store.
        var reached = 0
        /// The last reported outage, and when it was reported.
        var lastReported: (cause: String, time: ContinuousClock.Instant)?
        var lastFailedPoll: StoreError?
        /// Why the store takes no writes, as the last commit found.
        var readOnlyCause: String?
        var onOutage: @Sendable () -> Void = {}
    }

    private struct Outage {
        let cause: String
        let since: Timestamp
        let start: ContinuousClock.Instant
        var isReported: Bool
    }

    /// How long the same cause is not reported again unless a poll confirms it. Otherwise, a store that fails for one
    /// table only would fill the log with the requests that need that table.
    private static let quietTime = Duration.seconds(60)

    init(clock: @escaping @Sendable () -> Timestamp, report: @escaping @Sendable (StoreHealthEvent) -> Void) {
        self.clock = clock
        self.report = report
    }

    /// Since when the store has been unreachable; nil if it is reachable, as far as is known.
    var unreachableSince: Timestamp? { state.withLock { $0.outage?.since } }

    /// Why the last commit found that the store takes no writes; nil if it took it.
    var readOnlyCause: String? { state.withLock(\.readOnlyCause) }

    /// Records whether the store takes writes, as a commit found; reports a change once.
    func recordWrite(_ failure: StoreError?) {
        var cause: String?
        switch failure {
        case nil: break
        case .readOnly(let found): cause = found
        default: return
        }
        let before = state.withLock { state in
            defer { state.readOnlyCause = cause }
            return state.readOnlyCause
        }
        switch (before, cause) {
        case (nil, let cause?): report(.readOnly(cause: cause))
        case (_?, nil): report(.writable)
        default: break
        }
    }

    /// Calls `action` whenever an outage begins.
    func onOutage(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onOutage = action }
    }

    /// Fails during an outage, so that no caller repeats another's time-out.
    /// - Throws: `unavailable` at once during an outage.
    func check() throws(StoreError) {
        if let outage = state.withLock(\.outage) { throw .unavailable(cause: outage.cause) }
    }

    /// Runs `call` and records whether it reached the store.
    /// - Parameter isPoll: whether the call asks for new revisions, as the follower does.
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
                // A cancelled call says nothing about the store.
                if !Task.isCancelled { markUnreachable(number, cause: cause, isPoll: isPoll) }
            // A refusal proves that the store is reachable. Read-only stores are not short-circuited: every call goes
            // through.
            case .outdated, .conflict, .answered, .readOnly: markReachable(number, isPoll: false)
            // The busy process may be this one. Damaged rows are no reason to refuse what does not need them.
            case .busy, .damaged: break
            }
            throw error
        }
    }

    /// Reports a poll that failed although the store can be reached: once, until a poll succeeds.
    func recordFailedPoll(_ failure: StoreError) {
        if case .unavailable = failure { return }
        let isNew = state.withLock { state in
            defer { state.lastFailedPoll = failure }
            return state.lastFailedPoll != failure
        }
        if isNew { report(.pollFailed(failure)) }
    }

    private func markReachable(_ number: Int, isPoll: Bool) {
        let ended: Outage? = state.withLock { state in
            state.reached = max(state.reached, number)
            if isPoll { state.lastFailedPoll = nil }
            defer { state.outage = nil }
            return state.outage
        }
        if let ended, ended.isReported { report(.back(after: ended.start.duration(to: .now))) }
    }

    private func markUnreachable(_ number: Int, cause: String, isPoll: Bool) {
        let now = ContinuousClock.now
        let (isNew, mustReport, onOutage) = state.withLock { state -> (Bool, Bool, @Sendable () -> Void) in
            // A call that timed out may end after a later call has reached the store.
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
        if mustReport { report(.away(cause: cause)) }
        if isNew { onOutage() }
    }
}
