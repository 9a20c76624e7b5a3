import Foundation
import RosterModel

/// What takes the records of a store that is read out.
package protocol RecordReceiver: Sendable {
    /// Takes a record.
    /// - Returns: false if nothing more is needed.
    func send(_ record: StoreRecord) -> Bool
    /// No record comes any more.
    func close()
    /// The store failed: what was taken is not all.
    func cancel()
}

/// Calls a function with each record, and keeps none.
package struct RecordObserver: RecordReceiver {
    private let seen: @Sendable (StoreRecord) -> Void

    /// - Parameter seen: called by the thread that reads the store.
    package init(_ seen: @escaping @Sendable (StoreRecord) -> Void) {
        self.seen = seen
    }

    package func send(_ record: StoreRecord) -> Bool {
        seen(record)
        return true
    }

    package func close() {}

    package func cancel() {}
}

/// Hands records from a thread that reads a store to a thread that writes another one, a few batches at a time, so that a large
/// directory is never in memory as a whole. Both threads are the stores' own and may wait.
package final class BoundedChannel: RecordReceiver, @unchecked Sendable {
    // Unchecked: `state` is touched under `condition` alone.

    private let condition = NSCondition()
    private var batches: [[StoreRecord]] = []
    private var filling: [StoreRecord] = []
    private var isClosed = false
    private var isCancelled = false
    private let seen: @Sendable (StoreRecord) -> Void

    private static let batchSize = 2000
    private static let capacity = 4

    /// - Parameter seen: called with each record by the thread that puts it in.
    package init(seen: @escaping @Sendable (StoreRecord) -> Void) {
        self.seen = seen
    }

    /// Waits where the other side is behind.
    /// - Returns: false where the other side has given up: nothing more is needed.
    package func send(_ record: StoreRecord) -> Bool {
        seen(record)
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
    package var isComplete: Bool { condition.withLock { isClosed && !isCancelled } }

    /// One side has failed; wakes the other one.
    package func cancel() {
        condition.withLock {
            isCancelled = true
            condition.broadcast()
        }
    }

    /// The next records, waited for; nil at their end.
    package func receive() -> [StoreRecord]? {
        condition.withLock {
            while batches.isEmpty, !isClosed, !isCancelled { condition.wait() }
            guard !batches.isEmpty, !isCancelled else { return nil }
            defer { condition.broadcast() }
            return batches.removeFirst()
        }
    }

    private func flush() -> Bool {
        condition.withLock {
            while batches.count >= Self.capacity, !isCancelled { condition.wait() }
            guard !isCancelled else { return false }
            if !filling.isEmpty { batches.append(filling) }
            filling = []
            condition.broadcast()
            return true
        }
    }
}
