extension Timestamp {
    /// Parses a GeneralizedTime in any form of RFC 4517 section 3.3.13: minutes and seconds are optional, a fraction
    /// (after `.` or `,`) belongs to the last part given, and the time is in UTC (`Z`) or at an offset (`+hh` or
    /// `+hhmm`). Fractions of a second are dropped. Nil for any other text, and for a time that `Timestamp` cannot
    /// write.
    package init?(generalizedTime text: ArraySlice<UInt8>) {
        var digits = DigitReader(text)
        guard let year = digits.number(4...4), let month = digits.number(2...2), let day = digits.number(2...2),
            let hour = digits.number(2...2)
        else { return nil }
        let minute = digits.number(2...2)
        let second = minute == nil ? nil : digits.number(2...2)

        let unit = second != nil ? 1 : minute != nil ? 60 : 3600
        var fraction = 0
        if digits.skip(".") || digits.skip(",") {
            guard let value = Self.fraction(digits.digits(), of: unit) else { return nil }
            fraction = value
        }

        var offset = 0
        if !digits.skip("Z") {
            let isAhead = digits.skip("+")
            guard isAhead || digits.skip("-"), let hours = digits.number(2...2), hours <= 23 else { return nil }
            let minutes = digits.isAtEnd ? 0 : digits.number(2...2)
            guard let minutes, minutes <= 59 else { return nil }
            offset = (hours * 60 + minutes) * (isAhead ? 60 : -60)
        }
        guard digits.isAtEnd,
            let whole = Timestamp(
                year: year, month: month, day: day, hour: hour, minute: minute ?? 0, second: second ?? 0)
        else { return nil }
        let moment = Timestamp(seconds: whole.seconds + Int64(fraction - offset))
        guard moment >= .earliest, moment <= .latest else { return nil }
        self = moment
    }

    /// `YYYYMMDDhhmmssZ`.
    package var generalizedTime: String { iso8601.filter { $0 != "-" && $0 != ":" && $0 != "T" } }

    /// A decimal fraction of `unit` seconds, in whole seconds, rounded down; nil if there are no digits.
    private static func fraction(_ digits: ArraySlice<UInt8>, of unit: Int) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        var scale = 1
        // Nine digits are enough for a resolution of one second, even in a fraction of an hour.
        for digit in digits.prefix(9) {
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
            scale *= 10
        }
        return value * unit / scale
    }
}
