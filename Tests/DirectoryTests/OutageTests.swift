import RosterTesting
import Testing

@testable import RosterDirectory
@testable import RosterModel
@testable import RosterSnapshot
@testable import RosterStore

/// What a directory does while its store is away.
@Suite(.timeLimit(.minutes(5))) struct OutageTests {
    private let store = MemoryStore(chaining: PlaintextSealing())
    private let directory: Directory
    private let news = News()
    private static let away = StoreError.unavailable(cause: "test")

    private final class News: Sendable {
        private let told = Watched<[StoreHealthEvent]>([])

        var all: [StoreHealthEvent] { told.value }

        /// Returns once the end of an outage was told.
        func waitForBack() async {
            await told.wait { told in
                told.contains { if case .back = $0 { true } else { false } }
            }
        }

        /// The causes of the outages that were reported, and `back`, in order.
        var words: [String] {
            all.map { news in
                switch news {
                case .away(let cause): cause
                case .back: "back"
                case .readOnly(let cause): "read-only: \(cause)"
                case .writable: "writable"
                case .pollFailed(let failure): "look: \(failure)"
                case .unreadableKey: "key"
                }
            }
        }

        func add(_ news: StoreHealthEvent) { told.update { $0.append(news) } }
    }

    init() async throws {
        directory = Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: news.add)
        try await directory.start()
        try await directory.commit(Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
    }

    /// A store whose users do not fit into memory once `isFull`.
    private final class FullMemory: ForwardingStore {
        let store: MemoryStore
        let isFull = Watched(false)

        init(_ store: MemoryStore) {
            self.store = store
        }

        func load(progress: @escaping @Sendable (Int) -> Void) async throws(StoreError) -> DirectoryContents {
            var contents = try await store.load(progress: progress)
            guard isFull.value else { return contents }
            let users = contents.users
            contents.loaded = UserArena(maximumBytes: 0)
            for user in users { contents.loaded.add(user) }
            return contents
        }

        /// Everything is loaded anew each time.
        func changes(since revision: Revision) async throws(StoreError) -> Delta? { nil }
    }

    @Test func aServerWithoutMemoryForANewSnapshotKeepsTheOldOne() async throws {
        let full = FullMemory(store)
        let directory = Directory(
            store: full, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: news.add)
        try await directory.start()
        full.isFull.update { $0 = true }
        _ = try? await directory.commit(Fixtures.change([], [Fixtures.user("b", uid: 2)]))
        #expect(directory.snapshot.user(named: "a", in: Fixtures.cluster().id) != nil)
        let other = Directory(
            store: full, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
        await #expect(throws: StoreError.self) { try await other.start() }
    }

    private func commit(_ name: String = "b", uid: UInt32 = 2) async throws(StoreError) {
        try await directory.commit(Fixtures.change([], [Fixtures.user(name, uid: uid)]))
    }

    @Test func whatNeedsAStoreThatIsAwayIsRefusedWithoutAskingIt() async throws {
        store.fail(with: Self.away)
        await #expect(throws: Self.away) { try await commit() }
        #expect(directory.unreachableSince == Fixtures.time)
        let calls = store.calls
        await #expect(throws: Self.away) { try await commit() }
        await #expect(throws: Self.away) { try await directory.operations(OperationQuery(scope: .all)) }
        await #expect(throws: Self.away) { try await directory.holder(of: 1, in: Fixtures.cluster().id) }
        await #expect(throws: Self.away) { try await directory.walkLog(expecting: nil) }
        #expect(store.calls == calls)
        #expect(directory.snapshot.userCount == 1)
    }

    @Test(arguments: [StoreError.readOnly(cause: "standby"), .busy, .outdated])
    func aStoreThatRefusesIsThereAndIsAskedEveryTime(failure: StoreError) async throws {
        store.fail(with: failure)
        for _ in 0..<3 {
            let calls = store.calls
            await #expect(throws: failure) { try await commit() }
            #expect(store.calls == calls + 1)
        }
        #expect(directory.unreachableSince == nil)
        let isReadOnly = failure == .readOnly(cause: "standby")
        #expect(news.words == (isReadOnly ? ["read-only: standby"] : []))
        store.fail(with: nil)
        try await commit()
    }

    @Test func aBusyStoreIsNotTakenForOneThatIsBack() async throws {
        store.fail(with: Self.away)
        await directory.refresh()
        store.fail(with: .busy)
        await directory.refresh()
        #expect(directory.unreachableSince == Fixtures.time)
        store.fail(with: nil)
        await directory.refresh()
        #expect(directory.unreachableSince == nil)
    }

    @Test func theFollowerFindsTheStoreBackWithoutASign() async throws {
        let following = Task { await directory.follow() }
        store.fail(with: Self.away)
        await #expect(throws: Self.away) { try await commit() }
        store.fail(with: nil)
        await news.waitForBack()
        #expect(directory.unreachableSince == nil)
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
            await #expect(throws: Self.away) { try await directory.operations(OperationQuery(scope: .all)) }
            store.fail(with: nil)
            await directory.refresh()
        }
        #expect(news.words == ["test", "back"])
        // A look that fails too means that it is away.
        store.fail(with: Self.away)
        await #expect(throws: Self.away) { try await directory.operations(OperationQuery(scope: .all)) }
        #expect(news.words == ["test", "back"])
        await directory.refresh()
        await directory.refresh()
        #expect(news.words == ["test", "back", "test"])
    }

    @Test func aLookThatFailsOtherwiseIsToldOnce() async throws {
        store.fail(with: .busy)
        for _ in 0..<3 { await directory.refresh() }
        #expect(news.all == [.pollFailed(.busy)])
        store.fail(with: nil)
        await directory.refresh()
        store.fail(with: .busy)
        await directory.refresh()
        #expect(news.all == [.pollFailed(.busy), .pollFailed(.busy)])
        #expect(directory.unreachableSince == nil)
    }

    @Test(arguments: [MemoryStore.Parting.made, .lost])
    func aCommitWhoseEndIsNotKnownIsAnOutage(parting: MemoryStore.Parting) async throws {
        store.goAway(atNextCommit: parting)
        await #expect(throws: StoreError.uncertain(cause: "away")) { try await commit() }
        #expect(directory.unreachableSince == Fixtures.time)
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
        let breaker = StoreCircuitBreaker(clock: { Fixtures.time }, report: news.add)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let hasBegun = Watched(false)
        let late = Task {
            try await breaker.call { () async throws(StoreError) in
                hasBegun.update { $0 = true }
                for await _ in gate {}
                throw Self.away
            }
        }
        await hasBegun.wait { $0 }
        try await breaker.call { () async throws(StoreError) in }
        open.finish()
        await #expect(throws: Self.away) { try await late.value }
        #expect(breaker.unreachableSince == nil)
        #expect(news.all.isEmpty)
    }

    @Test func aCallThatIsGivenUpSaysNothingOfTheStore() async throws {
        let breaker = StoreCircuitBreaker(clock: { Fixtures.time }, report: news.add)
        let given = Task {
            await waitForCancellation()
            try await breaker.call { () async throws(StoreError) in throw Self.away }
        }
        given.cancel()
        await #expect(throws: Self.away) { try await given.value }
        #expect(breaker.unreachableSince == nil)
    }

    @Test func aStoreThatTakesNoWritesIsReportedOnce() async throws {
        store.fail(with: .readOnly(cause: "the disk is full"))
        for _ in 0..<3 {
            do { try await directory.commit(Fixtures.change()) } catch {}
        }
        #expect(news.words == ["read-only: the disk is full"])
        #expect(directory.readOnlyCause == "the disk is full" && directory.unreachableSince == nil)
        store.fail(with: nil)
        try await directory.commit(Fixtures.change())
        #expect(news.words == ["read-only: the disk is full", "writable"])
        #expect(directory.readOnlyCause == nil)
    }
}
