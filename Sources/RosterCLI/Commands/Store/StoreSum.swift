import RosterCredentials
import RosterStore
import Synchronization

/// Copies and checksums of whole stores, with progress.
enum StoreSum {
    /// Copies everything from `source` to `target`; returns the checksum of what was sent.
    static func copy(from source: any CopyableStore, to target: any CopyableStore) async throws -> ContentSum {
        let sum = Counted("copying")
        let channel = BoundedChannel(seen: sum.add)
        let reading = Task { try await source.export(to: channel) }
        let writing = Task { try await target.restore(from: channel) }
        let (read, written) = (await reading.result, await writing.result)
        // If the source fails, its error is the reason and the target's only a consequence. If the target fails, the
        // source reports no error.
        for case .failure(let error) in [read, written] {
            if case StoreError.uncertain(let cause) = error {
                throw CommandError(
                    "whether the copy was made is not known, look with roster store checksum: \(cause)")
            }
            throw CommandError("nothing was copied: \(error)")
        }
        return sum.finish()
    }

    static func read(_ store: any CopyableStore, _ title: String) async throws -> ContentSum {
        let sum = Counted(title)
        try await store.export(to: RecordObserver(sum.add))
        return sum.finish()
    }

    /// A running checksum, and the line that shows its progress.
    private final class Counted: Sendable {
        private let sum = Mutex(ContentSum())
        private let title: String

        init(_ title: String) {
            self.title = title
        }

        var add: @Sendable (StoreRecord) -> Void {
            { record in
                let count = self.sum.withLock { sum in
                    if let bytes = record.canonicalBytes { sum.add(bytes) }
                    return sum.count
                }
                if count.isMultiple(of: 100_000) { Output.printDiagnostic("\(self.title): \(count) records") }
            }
        }

        func finish() -> ContentSum { sum.withLock { $0 } }
    }
}
