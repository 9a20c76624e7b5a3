import Synchronization

/// How many addresses of a server accept connections so far.
package final class ListeningCount: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    /// How many of its addresses accept connections.
    package var value: Int { count.load(ordering: .relaxed) }

    /// Counts one more.
    package func increment() { count.add(1, ordering: .relaxed) }
}
