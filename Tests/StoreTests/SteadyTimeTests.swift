import RosterModel
import RosterStore
import Testing

@Suite struct SteadyTimeTests {
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

    @Test func aStepOfTheClockDoesNotMoveIt() {
        let steady = SteadyTime(now: time(1_000_000), lastEvent: time(999_990))
        #expect(steady.earliest(time(2_000_000)).seconds < 1_000_060)
        #expect(steady.earliest(time(2_000_000)).seconds >= 999_990)
        #expect(steady.earliest(time(5)) == time(5))
    }

    @Test func aClockThatIsAheadAtTheStartIsNotBelieved() {
        let steady = SteadyTime(now: time(1_000_900), lastEvent: time(1_000_000))
        #expect(steady.earliest(time(1_000_900)).seconds < 1_000_060)
    }

    @Test func anIdleStoreDoesNotStandStill() {
        #expect(SteadyTime(now: time(1_000_000), lastEvent: time(0)).earliest(time(1_000_000)) >= time(996_400))
        #expect(SteadyTime(now: time(1_000_000), lastEvent: nil).earliest(time(1_000_000)) == time(1_000_000))
        #expect(SteadyTime(now: time(10), lastEvent: time(500)).earliest(time(900)).seconds < 70)
    }
}
