package import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import Synchronization

/// Writers and readers on several directories of one store at once. Each reader asks for at least a revision that some writer
/// was told, on any of the directories.
package struct WritersAndReaders: Sendable {
    private let sides: [Directory]
    private let seed: UInt64
    private let newest: Newest

    /// The newest revision that any writer was told, and what went wrong.
    private final class Newest: Sendable {
        private let state: Mutex<(revision: Revision, faults: [String])>

        init(_ revision: Revision) {
            state = Mutex((revision, []))
        }

        var revision: Revision { state.withLock(\.revision) }
        var faults: [String] { state.withLock(\.faults) }

        func record(_ revision: Revision) { state.withLock { $0.revision = max($0.revision, revision) } }

        func check(_ holds: Bool, _ fault: @autoclosure () -> String) {
            if !holds { state.withLock { $0.faults.append(fault()) } }
        }
    }

    /// - Parameter sides: directories that were started. Their store holds one revision: the cluster of `Fixtures`.
    package init(_ sides: [Directory], seed: UInt64) {
        self.sides = sides
        self.seed = seed
        newest = Newest(Revision(1))
    }

    /// Runs them all to their end.
    /// - Returns: what a reader saw that it must not see; nothing where the rule holds.
    package func run(
        writers: UInt32 = 6, changes: UInt32 = 40, readers: UInt32 = 20, reads: Int = 60
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask { try await write(uids: (1 + writer * changes)..<(1 + (writer + 1) * changes)) }
            }
            for reader in 0..<readers {
                group.addTask { try await read(reader, times: reads) }
            }
            try await group.waitForAll()
        }
        return newest.faults
    }

    private static let patience = Duration.seconds(600)

    private func write(uids: Range<UInt32>) async throws {
        var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(uids.lowerBound))
        for uid in uids {
            let user = Fixtures.user("u\(uid)", uid: uid)
            let revision = try await side(&generator).commit(Fixtures.change([], [user]))
            newest.record(revision)
            // Read back on any side.
            let snapshot = try await snapshot(of: side(&generator), atLeast: revision)
            let found = snapshot.user(named: user.username.text, in: user.cluster)
            newest.check(found?.revision == revision, "\(user.username) of revision \(revision) is not there")
        }
    }

    private func read(_ reader: UInt32, times: Int) async throws {
        var generator = SeededGenerator(seed: seed &* 2_000_003 &+ UInt64(reader))
        for _ in 0..<times {
            let snapshot = try await snapshot(of: side(&generator), atLeast: newest.revision)
            // The first revision is the cluster, each later one is a user.
            newest.check(
                Int64(snapshot.userCount) == snapshot.revision.number - 1,
                "\(snapshot.userCount) users at revision \(snapshot.revision)")
        }
    }

    private func side(_ generator: inout SeededGenerator) -> Directory {
        sides[Int.random(in: sides.indices, using: &generator)]
    }

    private func snapshot(of directory: Directory, atLeast revision: Revision) async throws -> Snapshot {
        try await directory.wait(for: revision, atMost: Self.patience)
        let snapshot = directory.snapshot
        newest.check(snapshot.revision >= revision, "revision \(revision) was asked for, \(snapshot.revision) read")
        return snapshot
    }
}
