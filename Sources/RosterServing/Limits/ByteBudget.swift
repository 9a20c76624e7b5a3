import Synchronization

/// How many bytes all connections together may hold of one kind, as of requests that are not answered yet.
package final class ByteBudget: Sendable {
    private let maximum: Int
    private let used = Atomic(0)

    package init(maximum: Int) {
        self.maximum = maximum
    }

    /// Reserves so many bytes.
    /// - Returns: false if there are not so many left; then none are reserved.
    package func reserve(_ count: Int) -> Bool {
        let (_, taken) = used.add(count, ordering: .relaxed)
        guard taken > maximum else { return true }
        release(count)
        return false
    }

    package func release(_ count: Int) {
        let left = used.subtract(count, ordering: .relaxed).newValue
        assert(left >= 0, "more is given back than was reserved")
    }
}

/// Bytes of a budget that one holder takes little by little. They are given back when nobody holds it any more.
package final class ByteReservation: Sendable {
    private let budget: ByteBudget
    private let held = Atomic(0)

    package init(of budget: ByteBudget) {
        self.budget = budget
    }

    /// Reserves so many bytes more.
    /// - Returns: false if there are not so many left; then none are reserved.
    package func reserve(_ count: Int) -> Bool {
        guard budget.reserve(count) else { return false }
        held.add(count, ordering: .relaxed)
        return true
    }

    deinit {
        budget.release(held.load(ordering: .relaxed))
    }
}
