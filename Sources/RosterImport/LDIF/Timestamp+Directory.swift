package import RosterModel

extension Timestamp {
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
