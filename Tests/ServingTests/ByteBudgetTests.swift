import RosterServing
import Testing

@Suite struct ByteBudgetTests {
    @Test func takesNoMoreThanThereIs() {
        let budget = ByteBudget(maximum: 10)
        #expect(budget.reserve(6))
        #expect(!budget.reserve(5))
        #expect(budget.reserve(4))
        #expect(!budget.reserve(1))
        budget.release(6)
        #expect(budget.reserve(6))
    }

    @Test func aReservationEndsWithItsHolder() {
        let budget = ByteBudget(maximum: 10)
        do {
            let reservation = ByteReservation(of: budget)
            #expect(reservation.reserve(4) && reservation.reserve(5) && !reservation.reserve(2))
            #expect(!budget.reserve(2))
            withExtendedLifetime(reservation) {}
        }
        #expect(budget.reserve(10))
    }
}
