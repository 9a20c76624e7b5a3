import RosterModel
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2021-08-17T09:12:40Z", 1_629_191_560), ("2000-02-29T23:59:59Z", 951_868_799),
            ("1969-12-31T23:59:59Z", -1), ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)])
    func writesWhatItReads(text: String, seconds: Int64) {
        #expect(Timestamp(iso8601: text)?.seconds == seconds)
        #expect(Timestamp(seconds: seconds).iso8601 == text)
    }

    @Test func takesPartsWithoutLeadingZeros() {
        #expect(Timestamp(iso8601: "2022-4-11T14:40:45Z")?.iso8601 == "2022-04-11T14:40:45Z")
    }

    @Test(arguments: [
        "", "2021-08-17", "2021-08-17T09:12:40", "2021-08-17T09:12:40z", "2021-08-17 09:12:40Z", "2021-02-29T00:00:00Z",
        "2021-13-01T00:00:00Z", "2021-00-01T00:00:00Z", "2021-01-01T24:00:00Z", "2021-01-01T00:60:00Z",
        "2021-01-01T00:00:00Z ", "21-01-01T00:00:00Z", "2021-08-17T09:12:40.5Z", "2021-08-17T09:12:40+08:00",
        "0000-01-01T00:00:00Z", "-001-01-01T00:00:00Z", "２021-01-01T00:00:00Z",
    ])
    func refusesAnythingElse(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func everyDayOfFourCenturiesGoesRound() {
        var day = Timestamp(iso8601: "1800-01-01T12:00:00Z")?.seconds ?? 0
        for _ in 0..<146_097 {
            let time = Timestamp(seconds: day)
            #expect(Timestamp(iso8601: time.iso8601) == time)
            day += 86_400
        }
    }

    @Test func showsTheNearestWritableMoment() {
        #expect(Timestamp(seconds: .max).iso8601 == "9999-12-31T23:59:59Z")
        #expect(Timestamp(seconds: .min).iso8601 == "0001-01-01T00:00:00Z")
    }

    @Test func distanceSaturates() {
        #expect(Timestamp(seconds: .max).distance(from: Timestamp(seconds: .min)) == .max)
        #expect(Timestamp(seconds: .min).distance(from: Timestamp(seconds: .max)) == .min)
    }
}
