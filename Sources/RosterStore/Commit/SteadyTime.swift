package import RosterModel

/// A time that no step of the wall clock moves: what it was when the store was opened, and how long ago that is.
package struct SteadyTime: Sendable {
    private let base: Timestamp
    private let start = ContinuousClock.now

    /// How far the wall clock may have stepped ahead before the store was opened.
    private static let allowedStep: Int64 = 3600

    /// Creates a time.
    /// - Parameters:
    ///   - now: the wall clock's time.
    ///   - lastEvent: the time of the newest event of the operation log; nil if there is none.
    package init(now: Timestamp, lastEvent: Timestamp?) {
        base = min(now, max(lastEvent ?? now, Timestamp(seconds: now.seconds - Self.allowedStep)))
    }

    /// The earlier of the wall clock's time and of this one.
    package func earliest(_ time: Timestamp) -> Timestamp {
        let elapsed = (ContinuousClock.now - start).components.seconds
        return min(time, Timestamp(seconds: base.seconds + elapsed))
    }
}
