import RosterDirectory
import RosterModel
import RosterSQLite
import RosterStore
import RosterTesting
import Testing

/// Two directories, each with a store of its own on the same file, as two processes have.
@Suite(.timeLimit(.minutes(5))) struct TwoProcessesTests {
    private func directory(_ path: String) async throws -> Directory {
        let directory = Directory(
            store: try TemporarySQLite.open(path), sealing: TemporarySQLite.key, verifying: PlaintextSealing(),
            clock: { Fixtures.time }, report: { _ in })
        try await directory.start()
        return directory
    }

    @Test(arguments: [UInt64(1), 2])
    func nobodyReadsLessThanAsked(seed: UInt64) async throws {
        try await TemporarySQLite.inFolder { path in
            let one = try await directory(path)
            try await one.commit(Fixtures.change([Fixtures.cluster()]))
            let other = try await directory(path)
            // The other follows nobody: it learns of changes by its own writes and by who waits.
            let following = Task { await one.follow() }
            #expect(try await WritersAndReaders([one, other], seed: seed).run() == [])
            #expect(one.waitingCount == 0 && other.waitingCount == 0)
            following.cancel()
            await following.value
        }
    }
}
