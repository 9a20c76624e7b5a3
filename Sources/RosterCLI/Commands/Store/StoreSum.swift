import RosterCredentials
import RosterStore
import Synchronization

/// Checksums of whole stores, with progress.
enum StoreSum {
    /// Copies everything from `source` to `target`; gives the checksum of what was sent.
    static func copy(from source: any CopyableStore, to target: any CopyableStore) async throws -> ContentSum {
        let sum = Counted("copying")
        let channel = BoundedChannel(seen: sum.add)
        let reading = Task { try await source.export(to: channel) }
        let writing = Task { try await target.restore(from: channel) }
        let (read, written) = (await reading.result, await writing.result)
        // Where the source fails, that is the reason, and what the target says only its consequence; where the target fails, the
        // source says nothing.
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

    /// A checksum that grows, and the line that shows it.
    private final class Counted: Sendable {
        private let sum = Mutex(ContentSum())
        private let title: String

        init(_ title: String) {
            self.title = title
        }

        var add: @Sendable (StoreRecord) -> Void {
            { record in
                let count = self.sum.withLock { sum in
                    sum.add(record.canonicalBytes)
                    return sum.count
                }
                if count.isMultiple(of: 100_000) { Output.printDiagnostic("\(self.title): \(count) records") }
            }
        }

        func finish() -> ContentSum { sum.withLock { $0 } }
    }
}
