package import RosterModel

extension Timestamp {
    /// A time of shadow(5), in days since 1970; nil where that is negative (never), or past the year 9999.
    init?(days: Int64) {
        guard days >= 0, days < 2_932_896 else { return nil }
        self.init(seconds: days * 86_400)
    }

    /// Reads `YYYY-MM-DD hh:mm:ss`, as the vendor's directory writes the time of creation, taken for UTC. That page says
    /// "local time": whoever knows the zone shifts it (`LocalTime`).
    package init?(spaced text: ArraySlice<UInt8>) {
        // Most descriptions are no time at all, and long ones never are.
        guard text.count <= 19 else { return nil }
        var digits = DigitReader(text)
        guard let year = digits.number(4...4), digits.skip("-"), let month = digits.number(1...2), digits.skip("-"),
            let day = digits.number(1...2), digits.skip(" "), let hour = digits.number(1...2), digits.skip(":"),
            let minute = digits.number(1...2), digits.skip(":"), let second = digits.number(1...2), digits.isAtEnd
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }
}
