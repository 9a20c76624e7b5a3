package import RosterModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Local time, which the vendor's directory writes without saying which.
package struct LocalTime: Sendable {
    /// How many seconds the local clock is ahead of UTC at a moment.
    private let offset: @Sendable (Timestamp) -> Int64

    /// A clock that is so many seconds ahead of UTC at each moment.
    package init(offset: @escaping @Sendable (Timestamp) -> Int64) {
        self.offset = offset
    }

    /// The machine's: what the environment's `TZ` says, else `/etc/localtime`.
    package static let machine: LocalTime = {
        // localtime_r need not look at TZ, says POSIX.
        tzset()
        return LocalTime { moment in
            var seconds = time_t(moment.seconds)
            var parts = tm()
            return localtime_r(&seconds, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
        }
    }()

    /// The moment when a local clock shows what a clock in UTC shows at `shown`.
    ///
    /// Of the two moments when clocks are set back, the earlier one; a time that clocks skip is read as if they had
    /// not been set yet.
    package func moment(showing shown: Timestamp) -> Timestamp {
        // Clocks are not set twice within two days, so these are the offsets before and after.
        let before = offset(Timestamp(seconds: shown.seconds - 86_400))
        let after = offset(Timestamp(seconds: shown.seconds + 86_400))
        let early = Timestamp(seconds: shown.seconds - before)
        guard before != after else { return early }
        let late = Timestamp(seconds: shown.seconds - after)
        return offset(early) != before && offset(late) == after ? late : early
    }
}
