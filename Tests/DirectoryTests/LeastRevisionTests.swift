import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@testable import RosterDirectory

/// Who asks for at least a revision reads no less, and costs no more than a bounded wait.
@Suite(.timeLimit(.minutes(5))) struct LeastRevisionTests {
    private let store = MemoryStore(chaining: PlaintextSealing())
    private let directory: Directory
    /// Another process on the same store.
    private let other: Directory
    private static let long = Duration.seconds(600)

    init() async throws {
        directory = Self.directory(store)
        other = Self.directory(store)
        try await other.start()
        try await other.commit(Fixtures.change([Fixtures.cluster()]))
        try await directory.start()
    }

    private static func directory(_ store: MemoryStore) -> Directory {
        Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
    }

    private func add(_ uid: UInt32) async throws -> Revision {
        try await other.commit(Fixtures.change([], [Fixtures.user("u\(uid)", uid: uid)]))
    }

    /// The most that waited at once since the call.
    private static func mostWaiting(_ directory: Directory) -> Watched<Int> {
        let most = Watched(0)
        directory.waiters.onWait { count in most.update { $0 = max($0, count) } }
        return most
    }

    @Test func whatIsPublishedIsNotWaitedFor() async throws {
        let calls = store.calls
        try await directory.wait(for: Revision(1), atMost: .zero)
        try await directory.wait(for: .none, atMost: .zero)
        #expect(store.calls == calls)
    }

    @Test func aChangeOfAnotherProcessIsLookedForBeforeItsSign() async throws {
        let revision = try await add(1)
        #expect(directory.snapshot.revision < revision)
        try await directory.wait(for: revision, atMost: Self.long)
        #expect(directory.snapshot.revision >= revision)
    }

    @Test func wakesInTheMomentTheRevisionIsPublished() async throws {
        let most = Self.mostWaiting(directory)
        let waiting = Task { try await directory.wait(for: Revision(3), atMost: Self.long) }
        await most.wait { $0 == 1 }
        _ = try await add(1)
        await directory.refresh()
        #expect(directory.waitingCount == 1)
        _ = try await add(2)
        await directory.refresh()
        try await waiting.value
        #expect(directory.waitingCount == 0)
    }

    @Test(arguments: [Int64(2), .max])
    func aRevisionThatDoesNotComeIsSaid(number: Int64) async throws {
        let error = await #expect(throws: RosterError.self) {
            try await directory.wait(for: Revision(number), atMost: .milliseconds(10))
        }
        #expect(
            error
                == RosterError(.busy, "this server has not reached revision \(number) yet, it is at 1"))
        #expect(directory.waitingCount == 0)
    }

    @Test func aWaitEndsWithItsTask() async throws {
        let most = Self.mostWaiting(directory)
        let waiting = Task { try await directory.wait(for: Revision(9), atMost: Self.long) }
        await most.wait { $0 == 1 }
        waiting.cancel()
        await #expect(throws: RosterError.self) { try await waiting.value }
        #expect(directory.waitingCount == 0)
        // Cancelled before it began.
        let late = Task {
            await waitForCancellation()
            try await directory.wait(for: Revision(9), atMost: Self.long)
        }
        late.cancel()
        await #expect(throws: RosterError.self) { try await late.value }
    }

    @Test func soManyWaitAndNoMore() async throws {
        let most = Self.mostWaiting(directory)
        let waiting = (0..<1000).map { _ in
            Task { try await directory.wait(for: Revision(.max), atMost: Self.long) }
        }
        await most.wait { $0 == 1000 }
        let error = await #expect(throws: RosterError.self) {
            try await directory.wait(for: Revision(2), atMost: Self.long)
        }
        #expect(error == RosterError(.busy, "too many requests wait for a revision, try again"))
        // What is published needs no place.
        try await directory.wait(for: Revision(1), atMost: .zero)
        for task in waiting { task.cancel() }
        for task in waiting { _ = await task.result }
        #expect(directory.waitingCount == 0)
    }

    @Test func manyWhoWaitShareALookAtTheStore() async throws {
        let slow = GatedStore(store)
        let directory = Directory(
            store: slow, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
        try await directory.start()
        let most = Self.mostWaiting(directory)
        let first = Task { try await directory.wait(for: Revision(2), atMost: Self.long) }
        await slow.state.wait { $0.looks > 0 }
        // The look of the first has begun, all others share the one after it.
        let rest = (0..<200).map { _ in Task { try await directory.wait(for: Revision(2), atMost: Self.long) } }
        await most.wait { $0 == 201 }
        _ = try await add(1)
        slow.open()
        for task in [first] + rest { try await task.value }
        #expect(slow.looks <= 2)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func nobodyReadsLessThanAsked(seed: UInt64) async throws {
        // One follows by signs; the other learns of changes by its own writes and by who waits.
        let following = Task { await other.follow() }
        #expect(try await WritersAndReaders([directory, other], seed: seed).run() == [])
        #expect(directory.waitingCount == 0)
        #expect(other.waitingCount == 0)
        following.cancel()
        await following.value
    }
}

/// A store whose looks wait until it is opened, and are counted.
private final class GatedStore: ForwardingStore {
    let store: MemoryStore
    let state = Watched((looks: 0, isOpen: false))

    init(_ store: MemoryStore) {
        self.store = store
    }

    var looks: Int { state.value.looks }
    func open() { state.update { $0.isOpen = true } }

    func changes(since revision: Revision) async throws(StoreError) -> Delta? {
        state.update { $0.looks += 1 }
        await state.wait { $0.isOpen }
        return try await store.changes(since: revision)
    }
}
