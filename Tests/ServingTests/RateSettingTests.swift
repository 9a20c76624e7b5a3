import RosterModel
import RosterServing
import Testing

@Suite struct RateSettingTests {
    @Test(
        arguments: [
            ("2000/3600", 2000, 3600), ("1/1", 1, 1), ("1000000000/86400", 1_000_000_000, 86_400),
            ("1/86400", 1, 86_400),
            ("100/60", 100, 60), ("007/060", 7, 60),
        ])
    func readsCallsAndSeconds(text: String, calls: Int, seconds: Int) throws {
        let setting = try RateSetting(text)
        #expect(setting.limit?.calls == calls)
        #expect(setting.limit?.seconds == seconds)
        #expect(setting == (try RateSetting(calls: calls, seconds: seconds)))
    }

    @Test func readsOff() throws {
        #expect(try RateSetting("off") == .off)
        #expect(RateSetting.off.limit == nil)
    }

    @Test(arguments: ["off", "2000/3600", "1/1", "1000000000/86400"])
    func writesWhatItReads(text: String) throws {
        #expect(try RateSetting(text).description == text)
    }

    @Test(arguments: [
        "", " ", "/", "2000", "2000/", "/3600", "2000/3600/1", "2000 / 3600", " 2000/3600", "2000/3600 ", "2000/3600\n",
        "-1/60", "+1/60", "1/-60", "1.5/60", "1e3/60", "0x10/60", "１/60", "off/60", "Off", "OFF", "on", "none",
        "2000:3600",
        "2000/3600\0", "1,000/60", "false",
    ])
    func refusesAnotherForm(text: String) {
        #expect(throws: RosterError.invalid("rate", "must be calls/seconds, such as 2000/3600, or off")) {
            try RateSetting(text)
        }
    }

    @Test(arguments: ["0/60", "1000000001/60", "9223372036854775808/60", "99999999999999999999999999/0", "00/60"])
    func refusesCallsOutOfRange(text: String) {
        #expect(throws: RosterError.invalid("rate", "the number of calls must be from 1 to 1000000000")) {
            try RateSetting(text)
        }
    }

    @Test(arguments: ["1/0", "1/86401", "1/9223372036854775808", "1000000000/99999999999999999999"])
    func refusesSecondsOutOfRange(text: String) {
        #expect(throws: RosterError.invalid("rate", "the number of seconds must be from 1 to 86400")) {
            try RateSetting(text)
        }
    }

    @Test func theDefaultsAreThoseOfTheReference() {
        #expect(RateSetting.accountKeys.description == "2000/3600")
        #expect(RateSetting.failures.description == "100/60")
    }
}
