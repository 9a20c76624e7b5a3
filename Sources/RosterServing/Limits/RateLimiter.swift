import RosterModel
import Synchronization

/// Lets each key make N calls in a period. Each key has a token bucket, which is full at first and refills evenly, so
/// that an idle key may make its N calls at once.
///
/// A refused call takes nothing. Keys do not affect each other, unless there are more of them than are stored.
///
/// **Memory.** A full bucket need not be stored: every call removes up to two that have become full and adds at most
/// one, so that the table shrinks to what was busy in the last period. If `maximumKeys` buckets are stored and none is
/// full, a new key replaces the fullest of them, not the oldest or a random one. Removing a bucket gives back what its
/// key has spent, and the fullest has spent least: to get a bucket removed that has spent `s` calls, their own or
/// another's, an attacker must first spend `s` calls on each of `maximumKeys` other keys, all within one period. If the
/// oldest were removed, one call on each would do. New keys are not refused, because a flood would then lock out
/// everyone.
///
/// **Time** is passed by the caller and may arrive slightly out of order from several threads; it is treated as never
/// going backward.
package final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var setting: RateSetting
        /// Nil if nothing is limited.
        var rule: BucketRule?
        var buckets = BucketTable<Key>()
        var latest: Int128 = 0
    }

    /// Whether anything is limited: without a limit, no call takes the lock.
    private let hasRule: Atomic<Bool>
    private let maximumKeys: Int
    private let start: ContinuousClock.Instant
    // One lock, not stripes: it is held for about half a microsecond with a thousand keys and for five with 100,000,
    // and with stripes only the fullest bucket of a stripe could be found.
    private let state: Mutex<State>

    /// Creates a limiter.
    /// - Parameters:
    ///   - setting: the number of calls and the period; `off` allows everything.
    ///   - maximumKeys: the maximum number of stored buckets, at least 1 (less counts as 1). 100,000 with names of some
    ///     20 letters take about 20 MB.
    ///   - start: the origin of time, no later than the first `now`.
    package init(_ setting: RateSetting, maximumKeys: Int = 100_000, start: ContinuousClock.Instant = .now) {
        hasRule = Atomic(setting.limit != nil)
        state = Mutex(State(setting: setting, rule: setting.limit.map(BucketRule.init)))
        self.maximumKeys = max(1, maximumKeys)
        self.start = start
    }

    /// The number of calls and the period.
    package var setting: RateSetting { state.withLock(\.setting) }

    /// Sets the number of calls and the period. What each key has spent is forgotten: it may make all its calls again.
    package func change(to setting: RateSetting) {
        state.withLock { state in
            guard setting != state.setting else { return }
            state = State(setting: setting, rule: setting.limit.map(BucketRule.init))
            hasRule.store(setting.limit != nil, ordering: .relaxed)
        }
    }

    /// Takes one call from the key's bucket, or returns how long to wait for one.
    package func consume(_ key: Key, now: ContinuousClock.Instant) -> RateDecision {
        guard hasRule.load(ordering: .relaxed) else { return .allowed }
        return state.withLock { state in
            guard let rule = state.rule else { return .allowed }
            let asked = rule.ticks(start.duration(to: now))
            state.latest = max(state.latest, asked)
            forgetFull(&state)
            let fullAt = state.buckets.fullAt(key)
            switch rule.verdict(fullAt: fullAt, now: state.latest, asked: asked) {
            case .short(let retryAfterSeconds):
                return .refused(retryAfterSeconds: retryAfterSeconds)
            case .held(let after):
                if fullAt == nil, state.buckets.count >= maximumKeys { state.buckets.removeFullest() }
                state.buckets.set(key, fullAt: after)
                return .allowed
            }
        }
    }

    /// The decision that `consume` would make now; takes nothing.
    package func peek(_ key: Key, now: ContinuousClock.Instant) -> RateDecision {
        guard hasRule.load(ordering: .relaxed) else { return .allowed }
        return state.withLock { state in
            guard let rule = state.rule else { return .allowed }
            let asked = rule.ticks(start.duration(to: now))
            let fullAt = state.buckets.fullAt(key)
            switch rule.verdict(fullAt: fullAt, now: max(state.latest, asked), asked: asked) {
            case .short(let retryAfterSeconds): return .refused(retryAfterSeconds: retryAfterSeconds)
            case .held: return .allowed
            }
        }
    }

    /// The number of stored buckets, 0…`maximumKeys`; for tests and metrics.
    package var count: Int {
        state.withLock { $0.buckets.count }
    }

    /// Two, while a call adds at most one: so the number of full buckets falls, however many there are.
    private func forgetFull(_ state: inout State) {
        for _ in 0..<2 {
            guard let fullAt = state.buckets.earliestFullAt, fullAt <= state.latest else { return }
            state.buckets.removeFullest()
        }
    }
}
