import Foundation
import RosterModel

/// Receives the records of a store that is being exported.
package protocol RecordReceiver: Sendable {
    /// Receives a record.
    /// - Returns: false if no more records are needed.
    func send(_ record: StoreRecord) -> Bool
    /// Called after the last record.
    func close()
    /// Called if the store failed: the records so far are incomplete.
    func cancel()
}

/// Calls a function with each record and stores none.
package struct RecordObserver: RecordReceiver {
    private let seen: @Sendable (StoreRecord) -> Void

    /// Creates an observer.
    /// - Parameter seen: called with each record on the thread that reads the store.
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

/// Passes records from a thread that reads one store to a thread that writes another, a few batches at a time, so that
/// a large directory is never in memory as a whole. Both threads belong to the stores and may block.
package final class BoundedChannel: RecordReceiver, @unchecked Sendable {
    // Unchecked: `condition` guards the state, except for `filling`, which only the sending thread uses.

    private let condition = NSCondition()
    private var batches: [[StoreRecord]] = []
    private var filling: [StoreRecord] = []
    private var isClosed = false
    private var isCancelled = false
    private let seen: @Sendable (StoreRecord) -> Void

    private static let batchSize = 2000
    private static let capacity = 4

    /// Creates an empty channel.
    /// - Parameter seen: called with each record on the sending thread.
    package init(seen: @escaping @Sendable (StoreRecord) -> Void) {
        self.seen = seen
    }

    /// Blocks while the receiver is behind.
    /// - Returns: false if the receiver has given up: no more records are needed.
    package func send(_ record: StoreRecord) -> Bool {
        seen(record)
        filling.append(record)
        return filling.count < Self.batchSize || flush()
    }

    /// Called after the last record; wakes the receiver.
    package func close() {
        _ = flush()
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    /// Whether the sender has sent every record and neither side has failed. Otherwise what was received must be
    /// discarded.
    package var isComplete: Bool { condition.withLock { isClosed && !isCancelled } }

    /// Called if either side has failed; wakes the other one.
    package func cancel() {
        condition.withLock {
            isCancelled = true
            condition.broadcast()
        }
    }

    /// Waits for the next records; nil after the last, or if either side has failed.
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
