import Synchronization

/// Limits the bytes that all connections together may hold for one purpose, such as unanswered requests.
package final class ByteBudget: Sendable {
    private let maximum: Int
    private let used = Atomic(0)

    /// Creates a budget of `maximum` bytes.
    package init(maximum: Int) {
        self.maximum = maximum
    }

    /// Reserves `count` bytes.
    /// - Returns: false if fewer are left; then none are reserved.
    package func reserve(_ count: Int) -> Bool {
        let (_, taken) = used.add(count, ordering: .relaxed)
        guard taken > maximum else { return true }
        release(count)
        return false
    }

    /// Returns `count` reserved bytes to the budget.
    package func release(_ count: Int) {
        let left = used.subtract(count, ordering: .relaxed).newValue
        assert(left >= 0, "more is given back than was reserved")
    }
}

/// Bytes of a budget that one holder reserves step by step. They are released when the reservation is deallocated.
package final class ByteReservation: Sendable {
    private let budget: ByteBudget
    private let held = Atomic(0)

    /// Creates a reservation of no bytes.
    package init(of budget: ByteBudget) {
        self.budget = budget
    }

    /// Reserves `count` more bytes.
    /// - Returns: false if fewer are left; then none are reserved.
    package func reserve(_ count: Int) -> Bool {
        guard budget.reserve(count) else { return false }
        held.add(count, ordering: .relaxed)
        return true
    }

    deinit {
        budget.release(held.load(ordering: .relaxed))
    }
}
