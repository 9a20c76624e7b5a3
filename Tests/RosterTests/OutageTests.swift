import RosterTesting
import Synchronization
import Testing

@testable import Roster

/// What a directory does while its store is away.
@Suite struct OutageTests {
    private let store = MemoryStore(chaining: OpenSeal())
    private let directory: Directory
    private let news = News()
    private static let away = StoreFailure.unavailable(cause: "test")

    private final class News: Sendable {
        private let told = Mutex<[StoreNews]>([])

        var all: [StoreNews] { told.withLock(\.self) }

        /// The causes of the outages that were told, and `back`, in order.
        var words: [String] {
            all.map { news in
                switch news {
                case .away(let cause): cause
                case .back: "back"
                case .lookFailed(let failure): "look: \(failure)"
                case .unreadableKey: "key"
                }
            }
        }

        func add(_ news: StoreNews) { told.withLock { $0.append(news) } }
    }

    init() async throws {
        directory = Directory(
            store: store, sealing: OpenSeal(), judging: OpenSeal(), clock: { MadeUp.time }, report: news.add)
        try await directory.start()
        try await directory.commit(MadeUp.change([MadeUp.cluster()], [MadeUp.user("a", uid: 1)]))
    }

    private func commit(_ name: String = "b", uid: UInt32 = 2) async throws(StoreFailure) {
        try await directory.commit(MadeUp.change([], [MadeUp.user(name, uid: uid)]))
    }

    @Test func whatNeedsAStoreThatIsAwayIsRefusedWithoutAskingIt() async throws {
        store.fail(with: Self.away)
        await #expect(throws: Self.away) { try await commit() }
        #expect(directory.unreachableSince == MadeUp.time)
        let calls = store.calls
        await #expect(throws: Self.away) { try await commit() }
        await #expect(throws: Self.away) { try await directory.operations() }
        await #expect(throws: Self.away) { try await directory.holder(of: 1, in: MadeUp.cluster().id) }
        await #expect(throws: Self.away) { try await directory.walkLog(chaining: OpenSeal(), expecting: nil) }
        #expect(store.calls == calls)
        #expect(directory.snapshot.userCount == 1)
    }

    @Test(arguments: [StoreFailure.readOnly(cause: "standby"), .busy, .outdated])
    func aStoreThatRefusesIsThereAndIsAskedEveryTime(failure: StoreFailure) async throws {
        store.fail(with: failure)
        for _ in 0..<3 {
            let calls = store.calls
            await #expect(throws: failure) { try await commit() }
            #expect(store.calls == calls + 1)
        }
        #expect(directory.unreachableSince == nil)
        #expect(news.all.isEmpty)
        store.fail(with: nil)
        try await commit()
    }

    @Test func theFollowerFindsTheStoreBackWithoutASign() async throws {
        let following = Task { await directory.follow() }
        store.fail(with: Self.away)
        await #expect(throws: Self.away) { try await commit() }
        store.fail(with: nil)
        while directory.unreachableSince != nil { await Task.yield() }
        try await commit()
        #expect(directory.snapshot.userCount == 2)
        following.cancel()
        await following.value
    }

    @Test func anOutageIsToldOnceAndSoIsItsEnd() async throws {
        store.fail(with: Self.away)
        for _ in 0..<5 {
            await directory.refresh()
            await #expect(throws: Self.away) { try await commit() }
        }
        store.fail(with: nil)
        for _ in 0..<5 { await directory.refresh() }
        #expect(news.words == ["test", "back"])
    }

    @Test func aStoreThatIsThereAndFailsForEveryRequestIsToldOnce() async throws {
        for _ in 0..<5 {
            store.fail(with: Self.away)
            await #expect(throws: Self.away) { try await directory.operations() }
            store.fail(with: nil)
            await directory.refresh()
        }
        #expect(news.words == ["test", "back"])
        // A look that fails too means that it is away.
        store.fail(with: Self.away)
        await #expect(throws: Self.away) { try await directory.operations() }
        #expect(news.words == ["test", "back"])
        await directory.refresh()
        await directory.refresh()
        #expect(news.words == ["test", "back", "test"])
    }

    @Test func aLookThatFailsOtherwiseIsToldOnce() async throws {
        store.fail(with: .busy)
        for _ in 0..<3 { await directory.refresh() }
        #expect(news.all == [.lookFailed(.busy)])
        store.fail(with: nil)
        await directory.refresh()
        store.fail(with: .busy)
        await directory.refresh()
        #expect(news.all == [.lookFailed(.busy), .lookFailed(.busy)])
        #expect(directory.unreachableSince == nil)
    }

    @Test(arguments: [MemoryStore.Parting.made, .lost])
    func aCommitWhoseEndIsNotKnownIsAnOutage(parting: MemoryStore.Parting) async throws {
        store.goAway(atNextCommit: parting)
        await #expect(throws: StoreFailure.uncertain(cause: "away")) { try await commit() }
        #expect(directory.unreachableSince == MadeUp.time)
        #expect(directory.knownRevision == Revision(1))
        store.fail(with: nil)
        await directory.refresh()
        #expect(directory.unreachableSince == nil)
        #expect(directory.snapshot.userCount == (parting == .made ? 2 : 1))
    }

    @Test func aWriteThatWasMadeIsAnsweredThoughItCannotBeReadBack() async throws {
        store.goAway(atNextCommit: .told)
        let calls = store.calls
        try await commit()
        // One commit, one look, and no more: the answer waits for no time-out.
        #expect(store.calls == calls + 2)
        #expect(directory.snapshot.revision == Revision(1))
        #expect(directory.knownRevision == Revision(2))
        store.fail(with: nil)
        await directory.refresh()
        #expect(directory.snapshot.revision == Revision(2))
    }

    @Test func aCallThatEndsAfterTheStoreIsBackSaysNothing() async throws {
        let reach = StoreReach(clock: { MadeUp.time }, tell: news.add)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let hasBegun = Mutex(false)
        let late = Task {
            try await reach.call { () async throws(StoreFailure) in
                hasBegun.withLock { $0 = true }
                for await _ in gate {}
                throw Self.away
            }
        }
        while !hasBegun.withLock(\.self) { await Task.yield() }
        try await reach.call { () async throws(StoreFailure) in }
        open.finish()
        await #expect(throws: Self.away) { try await late.value }
        #expect(reach.unreachableSince == nil)
        #expect(news.all.isEmpty)
    }

    @Test func aCallThatIsGivenUpSaysNothingOfTheStore() async throws {
        let reach = StoreReach(clock: { MadeUp.time }, tell: news.add)
        let given = Task {
            while !Task.isCancelled { await Task.yield() }
            try await reach.call { () async throws(StoreFailure) in throw Self.away }
        }
        given.cancel()
        await #expect(throws: Self.away) { try await given.value }
        #expect(reach.unreachableSince == nil)
    }
}
