import Synchronization

/// How many bytes all connections together may hold of requests that are not answered yet.
package final class ByteBudget: Sendable {
    private let maximum: Int
    private let used = Atomic(0)

    package init(maximum: Int) {
        self.maximum = maximum
    }

    /// Takes so many bytes.
    /// - Returns: false if there are not so many left; then none are taken.
    package func take(_ count: Int) -> Bool {
        let (_, taken) = used.add(count, ordering: .relaxed)
        guard taken > maximum else { return true }
        give(back: count)
        return false
    }

    package func give(back count: Int) {
        let left = used.subtract(count, ordering: .relaxed).newValue
        assert(left >= 0, "more is given back than was taken")
    }
}
