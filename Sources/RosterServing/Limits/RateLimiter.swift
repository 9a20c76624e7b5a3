import RosterModel
import Synchronization

/// Lets each key make N calls in a period: a token bucket a key, refilled evenly, full at first, so that a key that was
/// idle may make its N calls at once.
///
/// A call that is refused takes nothing. Keys do not touch each other, unless there are more of them than are kept.
///
/// **Memory.** A full bucket is as good as none: every call forgets up to two that have become full and adds at most
/// one, so that what is kept follows what was busy in the last period. Where `maximumKeys` buckets have all given
/// something, a new key takes the place of the fullest of them, never of the oldest or of any. To forget a bucket gives
/// back what its key had spent, and the fullest had spent least: whoever wants a bucket forgotten that has given `s`
/// calls, be it their own or another's, must first spend `s` calls on each of `maximumKeys` others, and all within one
/// period. Under "the oldest goes" one call on each would do. New keys are not refused, because then a flood would shut
/// out everybody.
///
/// **Time** is given by the caller and may come slightly out of order from several threads; it is taken never to go
/// back.
package final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var buckets = BucketTable<Key>()
        var latest: Int128 = 0
    }

    /// nil: nothing is limited.
    private let rule: BucketRule?
    private let maximumKeys: Int
    private let start: ContinuousClock.Instant
    // One lock, not stripes: it is held for some half a microsecond with a thousand keys and for five with 100,000, and
    // "the fullest of all" would become "the fullest of a stripe".
    private let state = Mutex(State())

    /// - Parameters:
    ///   - setting: how many calls in which time; `off` allows all.
    ///   - maximumKeys: how many buckets are kept, at least 1 (less counts as 1). 100,000 with names of some 20 letters
    ///     are about 20 MB.
    ///   - start: from when on time is counted: no later than the first `now`.
    package init(_ setting: RateSetting, maximumKeys: Int = 100_000, start: ContinuousClock.Instant = .now) {
        rule = setting.limit.map(BucketRule.init)
        self.maximumKeys = max(1, maximumKeys)
        self.start = start
    }

    /// Consumes one call of the key's bucket, or says how long to wait for one.
    package func consume(_ key: Key, now: ContinuousClock.Instant) -> RateDecision {
        guard let rule else { return .allowed }
        let asked = rule.ticks(start.duration(to: now))
        return state.withLock { state in
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

    /// What `take` would say now; takes nothing.
    package func peek(_ key: Key, now: ContinuousClock.Instant) -> RateDecision {
        guard let rule else { return .allowed }
        let asked = rule.ticks(start.duration(to: now))
        return state.withLock { state in
            let fullAt = state.buckets.fullAt(key)
            switch rule.verdict(fullAt: fullAt, now: max(state.latest, asked), asked: asked) {
            case .short(let retryAfterSeconds): return .refused(retryAfterSeconds: retryAfterSeconds)
            case .held: return .allowed
            }
        }
    }

    /// How many buckets are kept: 0…`maximumKeys`. For tests and metrics.
    package var count: Int {
        state.withLock { $0.buckets.count }
    }

    /// Two, where a call adds at most one: so the full ones become fewer however many there are.
    private func forgetFull(_ state: inout State) {
        for _ in 0..<2 {
            guard let fullAt = state.buckets.earliestFullAt, fullAt <= state.latest else { return }
            state.buckets.removeFullest()
        }
    }
}
