import RosterModel
import RosterStore
import Synchronization

/// The operation log as far as it was read. It only grows, so each look reads what is new.
actor OperationLog {
    private var known = OperationFold()
    /// The sequence of the last event in `known`. It means something in one history only.
    private var last: Int64 = 0
    /// How often the history has changed.
    private var history = 0

    private static let batch = 10_000

    /// Reads everything anew the next time: in another history the same events may be others.
    func forget() {
        history += 1
        known = OperationFold()
        last = 0
    }

    func fold(from store: any DirectoryStore) async throws(StoreError) -> OperationFold {
        while true {
            let (after, asked) = (last, history)
            let events = try await store.events(after: after, limit: Self.batch)
            // In another history the same sequences are other events.
            guard asked == history else { continue }
            // Another caller may have read the same meanwhile.
            for logged in events where logged.sequence > last {
                known.add(logged.event)
                last = logged.sequence
            }
            if events.count < Self.batch { return known }
        }
    }
}
