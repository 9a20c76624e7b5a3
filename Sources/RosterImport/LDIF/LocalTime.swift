package import RosterModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A local time zone: the vendor's directory writes local times without naming the zone.
package struct LocalTime: Sendable {
    /// The number of seconds by which the local clock is ahead of UTC at a given time.
    private let offset: @Sendable (Timestamp) -> Int64

    /// Creates a time zone from its offset to UTC at a given time, in seconds.
    package init(offset: @escaping @Sendable (Timestamp) -> Int64) {
        self.offset = offset
    }

    /// The machine's zone: from `TZ` in the environment, otherwise from `/etc/localtime`.
    package static let machine: LocalTime = {
        // POSIX does not require localtime_r to read TZ.
        tzset()
        return LocalTime { moment in
            var seconds = time_t(moment.seconds)
            var parts = tm()
            return localtime_r(&seconds, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
        }
    }()

    /// The time at which a local clock shows what a UTC clock shows at `shown`.
    ///
    /// If clocks are set back and there are two such times, it is the earlier one. A local time that clocks skip is
    /// read as if they had not been set forward yet.
    package func moment(showing shown: Timestamp) -> Timestamp {
        // Clocks are not set twice within two days, so these are the offsets before and after a change.
        let before = offset(Timestamp(seconds: shown.seconds - 86_400))
        let after = offset(Timestamp(seconds: shown.seconds + 86_400))
        let early = Timestamp(seconds: shown.seconds - before)
        guard before != after else { return early }
        let late = Timestamp(seconds: shown.seconds - after)
        return offset(early) != before && offset(late) == after ? late : early
    }
}
