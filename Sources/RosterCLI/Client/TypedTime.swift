import ArgumentParser
import Foundation
import RosterModel

/// A moment as an administrator types it; the one parser of every command that takes a time.
///
/// It takes `2027-02-28` (a whole day), `2027-02-28T18:00` and `2027-02-28T18:00:30` (in the given time zone), both with
/// `Z` or an offset such as `+02:00` behind them, and `90d` (w, d, h, m or s: before or after now). A space may stand
/// instead of the T.
struct TypedTime {
    /// What a day without a time of day is taken for.
    enum DayPart {
        /// 00:00:00: the beginning of a period, or a moment.
        case beginning
        /// 23:59:59: the end of a period, or an expiry.
        case end
    }

    /// Where a duration such as `90d` leads.
    enum Direction {
        case past
        case future
    }

    let flag: String
    let day: DayPart
    let direction: Direction
    let zone: TimeZone

    /// - Parameters:
    ///   - flag: the flag that was typed, for messages.
    ///   - zone: the zone of a time without an offset.
    init(flag: String, day: DayPart, direction: Direction, zone: TimeZone = .current) {
        (self.flag, self.day, self.direction, self.zone) = (flag, day, direction, zone)
    }

    /// - Throws: `ValidationError` that names the flag.
    func time(_ text: String, now: Timestamp = .now) throws -> Timestamp {
        guard let time = duration(text, now) ?? calendarTime(text), (.earliest ... .latest).contains(time) else {
            throw ValidationError(
                "\(flag): '\(text.sanitizedForDisplay(limit: 40))' is not a time such as 2027-02-28, 2027-02-28T18:00, "
                    + "2027-02-28T18:00:00+02:00, 2027-02-28T16:00:00Z or 90d")
        }
        return time
    }

    /// The seconds of the units of a duration.
    private static let units: KeyValuePairs<Unicode.Scalar, Int64> = [
        "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1,
    ]

    private func duration(_ text: String, _ now: Timestamp) -> Timestamp? {
        var digits = DigitReader(Array(text.utf8)[...])
        // Nine digits of weeks do not overflow.
        guard let count = digits.number(1...9) else { return nil }
        guard let unit = Self.units.first(where: { digits.skip($0.key) })?.value, digits.isAtEnd else { return nil }
        let seconds = Int64(count) * unit
        return Timestamp(seconds: direction == .past ? now.seconds - seconds : now.seconds + seconds)
    }

    private func calendarTime(_ text: String) -> Timestamp? {
        var digits = DigitReader(Array(text.utf8)[...])
        guard let year = digits.number(4...4), digits.skip("-"), let month = digits.number(1...2), digits.skip("-"),
            let dayOfMonth = digits.number(1...2)
        else { return nil }
        var (hour, minute, second) = day == .beginning ? (0, 0, 0) : (23, 59, 59)
        var offset: Int64?
        if !digits.isAtEnd {
            guard digits.skip("T") || digits.skip(" "), let hours = digits.number(1...2), digits.skip(":"),
                let minutes = digits.number(1...2)
            else { return nil }
            (hour, minute, second) = (hours, minutes, 0)
            if digits.skip(":") {
                guard let seconds = digits.number(1...2) else { return nil }
                second = seconds
            }
            if digits.skip("Z") {
                offset = 0
            } else if !digits.isAtEnd {
                guard let given = Self.offset(&digits) else { return nil }
                offset = given
            }
            guard digits.isAtEnd else { return nil }
        }
        guard
            let inZone = Timestamp(
                year: year, month: month, day: dayOfMonth, hour: hour, minute: minute, second: second)
        else { return nil }
        return Timestamp(seconds: inZone.seconds - (offset ?? localOffset(at: inZone)))
    }

    /// `+02:00`, `-0330` or `+2`, in seconds east of Greenwich.
    private static func offset(_ digits: inout DigitReader) -> Int64? {
        let isWest = digits.skip("-")
        guard isWest || digits.skip("+"), let hours = digits.number(1...2), hours <= 18 else { return nil }
        var minutes = 0
        if digits.skip(":") || !digits.isAtEnd {
            guard let given = digits.number(2...2), given < 60 else { return nil }
            minutes = given
        }
        let seconds = Int64(hours * 3600 + minutes * 60)
        return isWest ? -seconds : seconds
    }

    /// The offset of the zone at a local time, in seconds. A time that a clock shows twice is the first of the two, and
    /// one that it leaves out is counted on from the time before.
    private func localOffset(at local: Timestamp) -> Int64 {
        func offset(at seconds: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
        }
        // The offset of the day before is right, unless the clock was changed between.
        let before = offset(at: local.seconds - 86_400)
        let there = offset(at: local.seconds - before)
        return before == there || offset(at: local.seconds - there) != there ? before : there
    }
}

/// The zone of times that are typed without an offset.
struct TimeZoneOption: ParsableArguments {
    @Option(
        name: .customLong("time-zone"),
        help: ArgumentHelp(
            "Of times without an offset, such as Europe/Berlin; default: that of this machine.", valueName: "zone"))
    var name: String?

    var zone: TimeZone {
        get throws {
            guard let name else { return .current }
            guard let zone = TimeZone(identifier: name) else {
                throw ValidationError("--time-zone: there is no zone '\(name.sanitizedForDisplay(limit: 40))'")
            }
            return zone
        }
    }
}

/// The option of every command that sets an expiry: whether a past one is asked about.
struct ExpiryOptions: ParsableArguments {
    @OptionGroup var timeZone: TimeZoneOption

    /// Parses an expiry: a day means its last second.
    /// - Parameters:
    ///   - flag: the flag that was typed.
    ///   - isSure: whether `--yes` was given. A terminal is asked about an expiry in the past otherwise.
    /// - Returns: the time in the form of the API.
    /// - Throws: `ValidationError` that names the flag; `CommandError` if the answer is no.
    func expiry(_ text: String, flag: String, isSure: Bool) throws -> Timestamp {
        let now = Timestamp.now
        let time = try TypedTime(flag: flag, day: .end, direction: .future, zone: timeZone.zone).time(text, now: now)
        if time < now, !isSure, Output.isTerminal(0), Output.isTerminal(2) {
            try Output.question("\(flag) \(time) is in the past: it takes effect at once. Go on?")
        }
        return time
    }
}
