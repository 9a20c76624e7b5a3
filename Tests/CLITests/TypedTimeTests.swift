import ArgumentParser
import Foundation
import RosterModel
import Testing

@testable import RosterCLI

@Suite struct TypedTimeTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private func time(_ text: String, _ day: TypedTime.DayPart = .end, in zone: String = "UTC") throws -> String {
        let zone = try #require(TimeZone(identifier: zone))
        return try TypedTime(flag: "--at", day: day, direction: .future, zone: zone).time(text, now: Self.now).iso8601
    }

    @Test(arguments: [
        // A day of 23 hours, its end after the change, and a day of 25.
        ("2027-03-28", "Europe/Berlin", "2027-03-28T21:59:59Z"),
        ("2027-10-31", "Europe/Berlin", "2027-10-31T22:59:59Z"),
        // Before and after each change.
        ("2027-03-28T01:59", "Europe/Berlin", "2027-03-28T00:59:00Z"),
        ("2027-03-28T03:00", "Europe/Berlin", "2027-03-28T01:00:00Z"),
        ("2027-10-31T03:00", "Europe/Berlin", "2027-10-31T02:00:00Z"),
        // The hour that there is twice is the first one; the one that there is not goes on from the hour before.
        ("2027-10-31T02:30", "Europe/Berlin", "2027-10-31T00:30:00Z"),
        ("2027-03-28T02:30", "Europe/Berlin", "2027-03-28T01:30:00Z"),
        ("2028-02-29", "UTC", "2028-02-29T23:59:59Z"), ("2027-1-2", "UTC", "2027-01-02T23:59:59Z"),
        ("2027-01-02T00:00:00+14:00", "UTC", "2027-01-01T10:00:00Z"),
        ("2027-01-02T00:00:00-1130", "UTC", "2027-01-02T11:30:00Z"),
        ("2027-01-02T00:00+5", "UTC", "2027-01-01T19:00:00Z"),
    ])
    func isThatOfTheZone(text: String, zone: String, expected: String) throws {
        #expect(try time(text, in: zone) == expected)
    }

    @Test func aDayBeginsOrEnds() throws {
        #expect(try time("2027-02-28", .beginning) == "2027-02-28T00:00:00Z")
        #expect(try time("2027-02-28", .end) == "2027-02-28T23:59:59Z")
    }

    @Test(arguments: [("1s", 1), ("2m", 120), ("3h", 10_800), ("90d", 7_776_000), ("2w", 1_209_600), ("0d", 0)])
    func aDurationIsCountedFromNow(text: String, seconds: Int64) throws {
        for (direction, sign) in [(TypedTime.Direction.future, Int64(1)), (.past, -1)] {
            let typed = TypedTime(flag: "--since", day: .end, direction: direction)
            #expect(try typed.time(text, now: Self.now).seconds == Self.now.seconds + sign * seconds)
        }
    }

    @Test(arguments: [
        "", "d", "90", "90x", "90dd", "-90d", "+90d", "9 d", "1000000000d", "999999999w", "2027", "2027-02",
        "2027-02-30",
        "2027-02-28T", "2027-02-28Tx", "2027-02-28T24:00", "2027-02-28T10:60", "2027-02-28T10:00z", "2027-02-28T10:00+",
        "2027-02-28T10:00+19", "2027-02-28T10:00+02:60", "2027-02-28T10:00+02:0", "2027-02-28Z", "0000-01-01",
        "10000-01-01",
        "2027-02-28T10:00:00.5Z", "never", "９０d",
    ])
    func whatIsNoTimeIsRefusedWithTheFlag(text: String) {
        let error = #expect(throws: (any Error).self) { try time(text) }
        #expect(error.map { RosterCommand.message(for: $0) }?.hasPrefix("--at: '\(text)' is not a time") == true)
    }
}
