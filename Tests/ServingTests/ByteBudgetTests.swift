import RosterServing
import Testing

@Suite struct ByteBudgetTests {
    @Test func takesNoMoreThanThereIs() {
        let budget = ByteBudget(maximum: 10)
        #expect(budget.take(6))
        #expect(!budget.take(5))
        #expect(budget.take(4))
        #expect(!budget.take(1))
        budget.give(back: 6)
        #expect(budget.take(6))
    }

    @Test func aReservationEndsWithItsHolder() {
        let budget = ByteBudget(maximum: 10)
        do {
            let reservation = ByteReservation(of: budget)
            #expect(reservation.take(4) && reservation.take(5) && !reservation.take(2))
            #expect(!budget.take(2))
            withExtendedLifetime(reservation) {}
        }
        #expect(budget.take(10))
    }
}
