/// A time in UTC with a resolution of one second, as every server shows it.
///
/// Years 0001 to 9999 of the proleptic Gregorian calendar can be written; leap seconds are not counted (POSIX time).
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z; negative before.
    package let seconds: Int64

    /// Creates a time from seconds since 1970-01-01T00:00:00Z.
    @inlinable package init(seconds: Int64) {
        self.seconds = seconds
    }

    /// The first and the last time that can be written with a four-digit year.
    package static let earliest = Timestamp(seconds: -62_135_596_800)
    package static let latest = Timestamp(seconds: 253_402_300_799)

    /// Creates a time from its calendar parts; nil if one is out of range.
    package init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(inMonth: month, of: year),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        // A leap second (":60") becomes the second after it, as in POSIX time.
        seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    /// Parses `YYYY-MM-DDThh:mm:ssZ`. Month, day, hour, minute and second may lack their leading zero, as in one of the
    /// vendor's own examples. Nothing else is accepted: no fraction, no offset.
    package init?(iso8601 text: String) {
        if let parts = text.utf8.withContiguousStorageIfAvailable(Self.fullParts), let parts {
            self.init(
                year: parts.year, month: parts.month, day: parts.day, hour: parts.hour, minute: parts.minute,
                second: parts.second)
            return
        }
        var digits = DigitReader(Array(text.utf8)[...])
        guard let year = digits.number(4...4), digits.skip("-"),
            let month = digits.number(1...2), digits.skip("-"),
            let day = digits.number(1...2), digits.skip("T"),
            let hour = digits.number(1...2), digits.skip(":"),
            let minute = digits.number(1...2), digits.skip(":"),
            let second = digits.number(1...2), digits.skip("Z"), digits.isAtEnd
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    private typealias Parts = (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int)

    /// The parts of a text with all its leading zeros, the usual form; nil for any other.
    private static func fullParts(_ bytes: UnsafeBufferPointer<UInt8>) -> Parts? {
        guard bytes.count == 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            bytes[19] == UInt8(ascii: "Z")
        else { return nil }
        var areDigits = true
        func number(_ offset: Int, _ length: Int) -> Int {
            var value = 0
            for byte in bytes[offset..<(offset + length)] {
                areDigits = areDigits && byte.isDigit
                value = value * 10 + Int(byte &- UInt8(ascii: "0"))
            }
            return value
        }
        let parts = (
            year: number(0, 4), month: number(5, 2), day: number(8, 2), hour: number(11, 2), minute: number(14, 2),
            second: number(17, 2)
        )
        return areDigits ? parts : nil
    }

    /// `YYYY-MM-DDThh:mm:ssZ`, 20 ASCII characters. A time outside the writable years is written as the nearest one
    /// inside.
    package var iso8601: String {
        String(unsafeUninitializedCapacity: Self.iso8601Length) { buffer in
            if let base = buffer.baseAddress { writeISO8601(to: base) }
            return Self.iso8601Length
        }
    }

    package static let iso8601Length = 20

    /// Writes the `iso8601Length` characters of `iso8601`.
    package func writeISO8601(to buffer: UnsafeMutablePointer<UInt8>) {
        let clamped = min(max(self, .earliest), .latest).seconds
        // Days are rounded down, not toward 1970.
        let days = Int(Self.day(of: clamped))
        let second = Int(clamped) - days * 86_400
        let (year, month, day) = Self.civil(daysSinceEpoch: days)
        func write(_ value: Int, at offset: Int) {
            buffer[offset] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10)
            buffer[offset + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
        }
        write(year / 100, at: 0)
        write(year % 100, at: 2)
        write(month, at: 5)
        write(day, at: 8)
        write(second / 3600, at: 11)
        write(second / 60 % 60, at: 14)
        write(second % 60, at: 17)
        buffer[4] = UInt8(ascii: "-")
        buffer[7] = UInt8(ascii: "-")
        buffer[10] = UInt8(ascii: "T")
        buffer[13] = UInt8(ascii: ":")
        buffer[16] = UInt8(ascii: ":")
        buffer[19] = UInt8(ascii: "Z")
    }

    /// The number of seconds in a day; POSIX time has no leap seconds.
    package static let secondsPerDay: Int64 = 86_400

    /// The day that contains the time, counted from 1970-01-01, negative before, as in shadow(5).
    package var day: Int64 { Self.day(of: seconds) }

    /// The first day that begins at or after the time, counted from 1970-01-01: shadow(5) expresses an expiry in whole
    /// days.
    package var firstWholeDay: Int64 { Self.day(of: seconds + Self.secondsPerDay - 1) }

    private static func day(of seconds: Int64) -> Int64 {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: secondsPerDay)
        return rest < 0 ? days - 1 : days
    }

    @inlinable package static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }

    /// The number of seconds from `other` to `self`; saturates instead of overflowing.
    package func distance(from other: Timestamp) -> Int64 {
        let (difference, overflow) = seconds.subtractingReportingOverflow(other.seconds)
        return overflow ? (seconds < other.seconds ? .min : .max) : difference
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01: years are counted from March, so that the leap day is the last of its year.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    private static func civil(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSinceEpoch + 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = (monthFromMarch + 2) % 12 + 1
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension Timestamp: CustomStringConvertible {
    package var description: String { iso8601 }
}
