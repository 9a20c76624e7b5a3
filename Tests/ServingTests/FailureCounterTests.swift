import RosterModel
import RosterServing
import Testing

@Suite struct FailureCounterTests {
    private let start = ContinuousClock.now
    private let limiter: FailureCounter

    init() {
        limiter = FailureCounter(start: start)
    }

    private func fail(_ times: Int, _ address: String, _ name: String?, at time: Duration = .zero) -> Int {
        (0..<times).count { _ in
            limiter.recordFailure(address: address, name: name, now: start + time) == .allowed
        }
    }

    private func isBlocked(_ address: String, _ name: String?, at time: Duration = .zero) -> Bool {
        limiter.isBlocked(address: address, name: name, now: start + time)
    }

    @Test func anAddressMayFailAHundredTimesAMinuteWhateverTheName() {
        #expect(!isBlocked("192.0.2.1", "unused"))
        let answered = (0..<150).reduce(0) { $0 + fail(1, "192.0.2.1", "name \($1)") }
        #expect(answered == 100)
        #expect(isBlocked("192.0.2.1", "unused"))
        #expect(isBlocked("192.0.2.1", nil))
        #expect(!isBlocked("192.0.2.2", "unused"))
    }

    @Test func aNameMayFailAHundredTimesAMinuteWhateverTheAddress() {
        let answered = (0..<150).reduce(0) { $0 + fail(1, "192.0.2.\($1)", "alice") }
        #expect(answered == 100)
        #expect(isBlocked("198.51.100.1", "alice"))
        #expect(!isBlocked("198.51.100.1", "bob"))
        #expect(!isBlocked("198.51.100.1", nil))
    }

    @Test func whatTheAddressIsRefusedIsNotCountedForTheName() {
        #expect(fail(100, "192.0.2.1", nil) == 100)
        #expect(fail(1000, "192.0.2.1", "alice") == 0)
        #expect(fail(150, "192.0.2.2", "alice") == 100)
    }

    @Test func afterTheSaidWaitOneMoreIsAnsweredAsWhatItIs() {
        #expect(fail(101, "192.0.2.1", "alice") == 100)
        let refused = limiter.recordFailure(address: "192.0.2.1", name: "alice", now: start)
        #expect(refused == .refused(retryAfterSeconds: 1))
        #expect(!isBlocked("192.0.2.1", "alice", at: .seconds(1)))
        #expect(fail(2, "192.0.2.1", "alice", at: .seconds(1)) == 1)
    }

    @Test func theWaitIsTheLongerOfTheTwo() throws {
        let limiter = FailureCounter(try RateSetting("1/60"), start: start)
        _ = limiter.recordFailure(address: "192.0.2.1", name: nil, now: start)
        _ = limiter.recordFailure(address: "192.0.2.2", name: "alice", now: start + .seconds(30))
        let decision = limiter.recordFailure(address: "192.0.2.1", name: "alice", now: start + .seconds(40))
        #expect(decision == .refused(retryAfterSeconds: 50))
    }

    @Test func askingCountsNothing() {
        for _ in 0..<1000 { #expect(!isBlocked("192.0.2.1", "alice")) }
        #expect(fail(101, "192.0.2.1", "alice") == 100)
    }

    @Test(
        arguments: [
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8:0:0:ffff::9", true), ("2001:db8::1", "2001:DB8:0::2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false), ("unix:/run/roster", "unix:/run/roster", true),
            ("", "", true), ("", "192.0.2.1", false),
        ])
    func oneIPv4AddressAndOneIPv6NetworkCountAsOne(first: String, second: String, areOne: Bool) {
        #expect(fail(100, first, nil) == 100)
        #expect(isBlocked(second, nil) == areOne)
    }

    @Test func namesOfAnyLengthAreTaken() {
        let name = String(repeating: "é", count: 1_000_000)
        #expect(fail(101, "192.0.2.1", name) == 100)
        #expect(isBlocked("192.0.2.2", name))
    }

    @Test func offBlocksNobody() {
        let limiter = FailureCounter(.off, start: start)
        for _ in 0..<1000 {
            #expect(limiter.recordFailure(address: "192.0.2.1", name: "alice", now: start) == .allowed)
        }
        #expect(!limiter.isBlocked(address: "192.0.2.1", name: "alice", now: start))
    }
}
