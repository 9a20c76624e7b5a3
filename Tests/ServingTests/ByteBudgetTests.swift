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
}
