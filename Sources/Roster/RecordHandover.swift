import Foundation

/// Hands records from a thread that reads a store to a thread that writes another one, a few batches at a time, so that a large
/// directory is never in memory as a whole. Both threads are the stores' own and may wait.
package final class RecordHandover: @unchecked Sendable {
    // Unchecked: `state` is touched under `condition` alone.

    private let condition = NSCondition()
    private var batches: [[StoreRecord]] = []
    private var filling: [StoreRecord] = []
    private var isClosed = false
    private var isAbandoned = false
    private let seen: @Sendable (StoreRecord) -> Void

    private static let batchSize = 2000
    private static let capacity = 4

    private let hasTaker: Bool

    /// - Parameters:
    ///   - hasTaker: false where records are only to be seen, and nobody takes them.
    ///   - seen: called with each record by the thread that puts it in.
    package init(hasTaker: Bool = true, seen: @escaping @Sendable (StoreRecord) -> Void) {
        self.hasTaker = hasTaker
        self.seen = seen
    }

    /// Waits where the other side is behind.
    /// - Returns: false where the other side has given up: nothing more is needed.
    package func put(_ record: StoreRecord) -> Bool {
        seen(record)
        guard hasTaker else { return true }
        filling.append(record)
        return filling.count < Self.batchSize || flush()
    }

    /// No record comes any more; wakes the other side.
    package func close() {
        _ = flush()
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    /// Whether every record was handed over. What was taken of others is not to be kept.
    package var isWhole: Bool { condition.withLock { isClosed && !isAbandoned } }

    /// One side has failed; wakes the other one.
    package func abandon() {
        condition.withLock {
            isAbandoned = true
            condition.broadcast()
        }
    }

    /// The next records, waited for; nil at their end.
    package func next() -> [StoreRecord]? {
        condition.withLock {
            while batches.isEmpty, !isClosed, !isAbandoned { condition.wait() }
            guard !batches.isEmpty, !isAbandoned else { return nil }
            defer { condition.broadcast() }
            return batches.removeFirst()
        }
    }

    private func flush() -> Bool {
        condition.withLock {
            while batches.count >= Self.capacity, !isAbandoned { condition.wait() }
            guard !isAbandoned else { return false }
            if !filling.isEmpty { batches.append(filling) }
            filling = []
            condition.broadcast()
            return true
        }
    }
}
