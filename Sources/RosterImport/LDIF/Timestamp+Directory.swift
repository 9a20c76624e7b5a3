package import RosterModel

extension Timestamp {
    /// Creates a time from the days since 1970 of shadow(5); nil if they are negative (never) or past the year 9999.
    init?(days: Int64) {
        guard days >= 0, days < 2_932_896 else { return nil }
        self.init(seconds: days * 86_400)
    }

    /// Parses `YYYY-MM-DD hh:mm:ss`, the form of creation times in the vendor's directory, as UTC. The vendor's page
    /// says "local time": callers that know the zone convert the result (`LocalTime`).
    package init?(spaced text: ArraySlice<UInt8>) {
        // Most descriptions are not times, and long ones never are.
        guard text.count <= 19 else { return nil }
        var digits = DigitReader(text)
        guard let year = digits.number(4...4), digits.skip("-"), let month = digits.number(1...2), digits.skip("-"),
            let day = digits.number(1...2), digits.skip(" "), let hour = digits.number(1...2), digits.skip(":"),
            let minute = digits.number(1...2), digits.skip(":"), let second = digits.number(1...2), digits.isAtEnd
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }
}
