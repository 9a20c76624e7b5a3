import RosterModel
import RosterServing
import Testing

@Suite struct RateLimiterTests {
    private let start = ContinuousClock.now

    private func limiter(_ text: String, maximumKeys: Int = 100_000) throws -> RateLimiter<String> {
        RateLimiter(try RateSetting(text), maximumKeys: maximumKeys, start: start)
    }

    /// How many of `attempts` calls at one moment are let through.
    private func passed(
        _ attempts: Int, _ limiter: RateLimiter<String>, _ key: String, at time: Duration
    ) -> Int {
        (0..<attempts).count { _ in limiter.consume(key, now: start + time) == .allowed }
    }

    // MARK: One bucket

    @Test(arguments: ["1/1", "1/86400", "3/7", "100/60", "2000/3600", "7/1", "4999/86400"])
    func anIdleKeyMayMakeAllItsCallsAtOnceAndNotOneMore(rate: String) throws {
        let limiter = try limiter(rate)
        let calls = try #require(RateSetting(rate).limit?.calls)
        #expect(passed(calls + 10, limiter, "a", at: .zero) == calls)
        // A period later it is full, and never more than full.
        #expect(passed(calls + 10, limiter, "a", at: .seconds(86_400)) == calls)
        #expect(passed(calls + 10, limiter, "a", at: .seconds(86_400 * 365 * 100)) == calls)
    }

    @Test func aNewRateCountsAtOnceAndForgetsWhatWasSpent() throws {
        let limiter = try limiter("3/60")
        #expect(passed(5, limiter, "a", at: .zero) == 3)
        limiter.change(to: try RateSetting("3/60"))
        #expect(passed(5, limiter, "a", at: .zero) == 0, "the same rate forgets nothing")
        limiter.change(to: try RateSetting("5/60"))
        #expect(passed(9, limiter, "a", at: .zero) == 5)
        limiter.change(to: .off)
        #expect(passed(9, limiter, "a", at: .zero) == 9)
        #expect(limiter.count == 0)
        limiter.change(to: try RateSetting("1/1"))
        #expect(passed(9, limiter, "a", at: .zero) == 1)
        #expect(limiter.setting.description == "1/1")
    }

    @Test(
        arguments: [
            // rate, time after the burst, calls that came back by then
            ("100/60", Duration.milliseconds(599), 0), ("100/60", .milliseconds(600), 1),
            ("100/60", .milliseconds(1199), 1), ("100/60", .milliseconds(1200), 2), ("100/60", .seconds(30), 50),
            ("100/60", .nanoseconds(59_999_999_999), 99), ("100/60", .seconds(60), 100), ("100/60", .seconds(61), 100),
            ("2000/3600", .milliseconds(1799), 0), ("2000/3600", .milliseconds(1800), 1),
            ("2000/3600", .seconds(1800), 1000),
            // A third of a second is no whole number of nanoseconds: nothing may be rounded away.
            ("3/1", .nanoseconds(333_333_333), 0), ("3/1", .nanoseconds(333_333_334), 1),
            ("3/1", .nanoseconds(666_666_666), 1), ("3/1", .nanoseconds(666_666_667), 2), ("3/1", .seconds(1), 3),
            ("1/86400", .seconds(86_399), 0), ("1/86400", .seconds(86_400), 1),
        ])
    func aBucketIsRefilledEvenly(rate: String, time: Duration, back: Int) throws {
        let limiter = try limiter(rate)
        _ = passed(3000, limiter, "a", at: .seconds(5))
        #expect(passed(3000, limiter, "a", at: .seconds(5) + time) == back)
    }

    @Test func manySmallRefillsAreWorthOneLargeOne() throws {
        // 7 calls in 3 s: one comes back every 3/7 s, which no decimal holds. Asked every millisecond for 300 s.
        let limiter = try limiter("7/3")
        #expect((0...300_000).count { limiter.consume("a", now: start + .milliseconds($0)) == .allowed } == 7 + 700)
    }

    @Test func theGreatestRateAndTheLongestTimeDoNotOverflow() throws {
        let limiter = try limiter("1000000000/86400")
        #expect(limiter.consume("a", now: start) == .allowed)
        #expect(limiter.consume("a", now: start + .seconds(Int64(1) << 60)) == .allowed)
        #expect(limiter.count == 1)
    }

    @Test func aRefusedCallTakesNothing() throws {
        let limiter = try limiter("10/10")
        #expect(passed(10_000, limiter, "a", at: .zero) == 10)
        #expect(passed(10_000, limiter, "a", at: .seconds(1)) == 1)
    }

    @Test func peekingTakesNothing() throws {
        let limiter = try limiter("2/10")
        for _ in 0..<100 { #expect(limiter.peek("a", now: start) == .allowed) }
        #expect(limiter.count == 0)
        #expect(passed(3, limiter, "a", at: .zero) == 2)
        #expect(limiter.peek("a", now: start) == .refused(retryAfterSeconds: 5))
        #expect(limiter.peek("a", now: start + .seconds(5)) == .allowed)
    }

    @Test func offLetsEverythingThroughAndKeepsNothing() throws {
        let limiter = try limiter("off")
        #expect(passed(10_000, limiter, "a", at: .zero) == 10_000)
        #expect(limiter.peek("a", now: start) == .allowed)
        #expect(limiter.count == 0)
    }

    @Test func timeThatComesOutOfOrderGivesNothingAway() throws {
        let limiter = try limiter("10/10")
        #expect(passed(10, limiter, "a", at: .seconds(3)) == 10)
        #expect(passed(10, limiter, "a", at: .seconds(2)) == 0)
        #expect(passed(10, limiter, "a", at: .seconds(-100)) == 0)
        #expect(passed(10, limiter, "a", at: .seconds(4)) == 1)
    }

    @Test func aBucketThatWasForgottenAsFullIsNotFullAtAnEarlierMomentAsWell() throws {
        let limiter = try limiter("10/10")
        #expect(passed(10, limiter, "a", at: .seconds(3)) == 10)
        #expect(passed(1, limiter, "b", at: .seconds(13)) == 1)
        #expect(passed(20, limiter, "a", at: .seconds(4)) == 10)
        #expect(passed(20, limiter, "a", at: .seconds(13)) == 0)
        // Who was late to ask is told to wait from their own moment.
        #expect(limiter.consume("a", now: start + .milliseconds(12_500)) == .refused(retryAfterSeconds: 2))
        #expect(limiter.peek("a", now: start + .milliseconds(12_500)) == .refused(retryAfterSeconds: 2))
    }

    // MARK: Retry-After

    @Test(
        arguments: [
            ("100/60", Duration.zero, 1), ("2000/3600", .zero, 2), ("2000/3600", .milliseconds(800), 1),
            ("2000/3600", .milliseconds(799), 2), ("1/86400", .zero, 86_400), ("1/86400", .seconds(86_399), 1),
            ("1/86400", .nanoseconds(86_399_999_999_999), 1), ("7/60", .zero, 9), ("1000/1", .zero, 1),
            ("10/30", .seconds(2), 1), ("10/30", .zero, 3),
        ])
    func saysHowLongToWait(rate: String, time: Duration, wait: Int) throws {
        let limiter = try limiter(rate)
        _ = passed(2000, limiter, "a", at: .zero)
        #expect(limiter.consume("a", now: start + time) == .refused(retryAfterSeconds: wait))
    }

    @Test(arguments: ["100/60", "2000/3600", "3/1", "7/60", "1/86400", "1/1", "13/11", "1000/7", "59/3599"])
    func whoeverWaitsThatLongMakesOneCallAndASecondLessDoesNot(rate: String) throws {
        let limiter = try limiter(rate)
        var numbers = Numbers(seed: 1)
        var now = Duration.zero
        _ = passed(2000, limiter, "a", at: now)
        for _ in 0..<300 {
            now += .nanoseconds(numbers.below(400_000_000))
            guard case .refused(let wait) = limiter.consume("a", now: start + now) else { continue }
            #expect(wait >= 1)
            #expect(limiter.peek("a", now: start + now + .seconds(wait)) == .allowed)
            if wait > 1 { #expect(limiter.peek("a", now: start + now + .seconds(wait - 1)) != .allowed) }
            now += .seconds(wait)
            #expect(limiter.consume("a", now: start + now) == .allowed)
        }
    }

    // MARK: Several keys

    @Test func keysDoNotTouchEachOther() throws {
        let limiter = try limiter("5/60")
        #expect(passed(100_000, limiter, "greedy", at: .zero) == 5)
        for key in 0..<1000 { #expect(passed(6, limiter, "modest \(key)", at: .zero) == 5) }
        #expect(passed(1, limiter, "greedy", at: .seconds(11)) == 0)
        #expect(passed(2, limiter, "greedy", at: .seconds(12)) == 1)
    }

    /// The rule told once more, in the plainest way: a level for each key, in units in which nothing is rounded.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func agreesWithABucketThatIsCountedUp(seed: UInt64) throws {
        var numbers = Numbers(seed: seed)
        let calls = 1 + numbers.below(12)
        let seconds = 1 + numbers.below(9)
        let limiter = try limiter("\(calls)/\(seconds)")
        let full = Int128(calls) * Int128(seconds) * 1_000_000_000
        var levels: [String: (level: Int128, time: Int)] = [:]
        var now = 0
        for step in 0..<20_000 {
            now += numbers.below(numbers.below(50) == 0 ? 5_000_000_000 : 60_000_000)
            let key = "\(numbers.below(40))"
            let (level, time) = levels[key] ?? (full, now)
            let refilled = min(full, level + Int128(now - time) * Int128(calls))
            let isAllowed = refilled >= Int128(seconds) * 1_000_000_000
            levels[key] = (isAllowed ? refilled - Int128(seconds) * 1_000_000_000 : refilled, now)
            let decision = limiter.consume(key, now: start + .nanoseconds(now))
            guard (decision == .allowed) == isAllowed else {
                Issue.record("step \(step): \(decision), but the level is \(refilled) of \(full)")
                return
            }
        }
    }

    // MARK: Memory

    @Test func aMillionKeysAtOnceStayWithinTheBound() throws {
        let limiter = RateLimiter<UInt64>(try RateSetting("10/60"), maximumKeys: 5000, start: start)
        var numbers = Numbers(seed: 7)
        for step in 1...1_000_000 {
            _ = limiter.consume(numbers.next(), now: start + .microseconds(step))
            if step % 1000 == 0 { #expect(limiter.count == min(step, 5000)) }
        }
        #expect(limiter.count == 5000)
    }

    @Test func fullBucketsAreForgotten() throws {
        let limiter = try limiter("10/10")
        for key in 0..<1000 { _ = passed(2, limiter, "\(key)", at: .zero) }
        #expect(limiter.count == 1000)
        // After 2 s all are full; each call forgets two and keeps one.
        for call in 1...999 { _ = limiter.consume("other \(call)", now: start + .seconds(2)) }
        #expect(limiter.count == 999)
        for call in 0..<500 { _ = limiter.consume("yet another", now: start + .seconds(60 + call)) }
        #expect(limiter.count == 1)
    }

    @Test func whatIsKeptFollowsWhatWasBusyInThePeriodNotWhatEverCame() throws {
        let limiter = try limiter("10/10")
        for call in 0..<100_000 {
            // One call is made good in a second, in which there are 100 more.
            _ = limiter.consume("\(call)", now: start + .milliseconds(10 * call))
        }
        #expect(limiter.count <= 101)
    }

    @Test func aFloodOfNewKeysDoesNotResetABucketThatHasGivenMore() throws {
        let limiter = try limiter("10/3600", maximumKeys: 100)
        #expect(passed(20, limiter, "spent", at: .zero) == 10)
        for key in 0..<100_000 { #expect(limiter.consume("flood \(key)", now: start) == .allowed) }
        #expect(passed(1, limiter, "spent", at: .zero) == 0)
        #expect(limiter.count == 100)
    }

    @Test func whatABucketHasGivenMustBeSpentOnEveryOtherBeforeItIsForgotten() throws {
        let limiter = try limiter("10/3600", maximumKeys: 100)
        #expect(passed(5, limiter, "victim", at: .zero) == 5)
        for key in 0..<99 { #expect(passed(6, limiter, "flood \(key)", at: .zero) == 6) }
        // It is the fullest now, so the next new key takes its place: 594 calls for 5.
        #expect(limiter.consume("the last", now: start) == .allowed)
        #expect(passed(20, limiter, "victim", at: .zero) == 10)
    }

    @Test(arguments: [1, 0, -5])
    func theLeastBoundIsOneKey(maximumKeys: Int) throws {
        let limiter = try limiter("2/60", maximumKeys: maximumKeys)
        for key in 0..<100 { #expect(passed(3, limiter, "\(key)", at: .zero) == 2) }
        #expect(limiter.count == 1)
    }

    // MARK: Concurrency

    @Test func eightTasksTogetherGetExactlyTheLimit() async throws {
        let limiter = try limiter("1000/60")
        let now = start
        let passed = await withTaskGroup(of: [Int].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var counts = [0, 0, 0]
                    for call in 0..<6000 where limiter.consume("\(call % 3)", now: now) == .allowed {
                        counts[call % 3] += 1
                    }
                    return counts
                }
            }
            return await group.reduce(into: [0, 0, 0]) { sums, counts in
                for key in 0..<3 { sums[key] += counts[key] }
            }
        }
        #expect(passed == [1000, 1000, 1000])
    }
}

/// Numbers that look random and are the same at every run (SplitMix64).
private struct Numbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &self)
    }
}
