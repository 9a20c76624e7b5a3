import RosterModel

/// The arithmetic of one token bucket, free of rounding errors.
///
/// A bucket is stored as one number: the time at which it will be full again. That is in the past for a full bucket,
/// and one period ahead for an empty one, so nothing is written while a bucket refills. Times are counted in ticks of
/// 1/N nanosecond, for N calls per period: the cost of one call is then a whole number of ticks for every rate, and 128
/// bits can hold 10⁹ calls times any `Duration`.
struct BucketRule: Sendable {
    private static let nanosecondsPerSecond: Int128 = 1_000_000_000

    private let ticksPerSecond: Int128
    /// The cost of one call in ticks, which `period / N` restores.
    private let cost: Int128
    /// The content of a full bucket: N calls, or one period.
    private let capacity: Int128

    init(_ limit: RateSetting.Limit) {
        ticksPerSecond = Int128(limit.calls) * Self.nanosecondsPerSecond
        cost = Int128(limit.seconds) * Self.nanosecondsPerSecond
        capacity = cost * Int128(limit.calls)
    }

    /// The ticks in `duration`, which is measured from a fixed time; fractions of a nanosecond are dropped.
    func ticks(_ duration: Duration) -> Int128 {
        let (seconds, attoseconds) = duration.components
        return Int128(seconds) * ticksPerSecond
            + Int128(attoseconds / 1_000_000_000) * (ticksPerSecond / Self.nanosecondsPerSecond)
    }

    /// The decision on one call.
    enum Verdict {
        /// The bucket holds the call, and would then be full at `fullAt`.
        case held(fullAt: Int128)
        case short(retryAfterSeconds: Int)
    }

    /// Decides on one call.
    /// - Parameters:
    ///   - fullAt: when the bucket is full; nil if it is full.
    ///   - now: the time of the decision.
    ///   - asked: the caller's own time, from which the wait is counted: `now` or slightly before.
    func verdict(fullAt: Int128?, now: Int128, asked: Int128) -> Verdict {
        let after = max(fullAt ?? now, now) + cost
        let wait = after - capacity - now
        guard wait > 0 else { return .held(fullAt: after) }
        // Rounded up, so at least 1: after that time, the bucket holds a call.
        return .short(retryAfterSeconds: Int((wait + now - asked + ticksPerSecond - 1) / ticksPerSecond))
    }
}
