import RosterModel

/// The arithmetic of one token bucket, without a rounding error.
///
/// A bucket is kept as one number: the moment at which it would be full again. That moment lies in the past for a full
/// bucket, and one period ahead for an empty one, so nothing has to be written while a bucket refills. Moments are
/// counted in ticks of one N-th of a nanosecond, for N calls in a period: then what one call costs is a whole number of
/// ticks whatever the rate, and 128 bits hold 10⁹ calls times any `Duration`.
struct BucketRule: Sendable {
    private static let nanosecondsPerSecond: Int128 = 1_000_000_000

    private let ticksPerSecond: Int128
    /// What one call takes, and what `period / N` puts back.
    private let cost: Int128
    /// What a full bucket holds: N calls, or one period.
    private let capacity: Int128

    init(_ limit: RateSetting.Limit) {
        ticksPerSecond = Int128(limit.calls) * Self.nanosecondsPerSecond
        cost = Int128(limit.seconds) * Self.nanosecondsPerSecond
        capacity = cost * Int128(limit.calls)
    }

    /// The ticks in `duration`, which counts from any fixed moment; what is finer than a nanosecond is cut off.
    func ticks(_ duration: Duration) -> Int128 {
        let (seconds, attoseconds) = duration.components
        return Int128(seconds) * ticksPerSecond
            + Int128(attoseconds / 1_000_000_000) * (ticksPerSecond / Self.nanosecondsPerSecond)
    }

    /// What becomes of one call.
    enum Verdict {
        /// It is held, and the bucket would be full at `fullAt` then.
        case held(fullAt: Int128)
        case short(retryAfterSeconds: Int)
    }

    /// - Parameters:
    ///   - fullAt: when the bucket is full; nil for one that is.
    ///   - now: the moment of the decision.
    ///   - asked: the caller's own moment, which the wait is counted from; `now` or a little before.
    func verdict(fullAt: Int128?, now: Int128, asked: Int128) -> Verdict {
        let after = max(fullAt ?? now, now) + cost
        let wait = after - capacity - now
        guard wait > 0 else { return .held(fullAt: after) }
        // Rounded up, and so at least 1: after it, the bucket holds a call.
        return .short(retryAfterSeconds: Int((wait + now - asked + ticksPerSecond - 1) / ticksPerSecond))
    }
}
