import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@testable import RosterDirectory

/// The ordering rule of the design.
@Suite(.timeLimit(.minutes(5))) struct DirectoryTests {
    private func directory(_ store: MemoryStore) -> Directory {
        Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
    }

    @Test func isReadyOnceTheFirstSnapshotIsPublished() async throws {
        let directory = directory(MemoryStore(chaining: PlaintextSealing()))
        #expect(!directory.isReady)
        try await directory.start()
        #expect(directory.isReady)
    }

    @Test func whoWroteReadsIt() async throws {
        let store = MemoryStore(chaining: PlaintextSealing())
        let directory = directory(store)
        try await directory.start()
        let revision = try await directory.commit(Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
        #expect(directory.snapshot.revision == revision)
        #expect(directory.snapshot.userCount == 1)
    }

    @Test func publishesWhatOthersCommittedBefore() async throws {
        let store = MemoryStore(chaining: PlaintextSealing())
        let directory = directory(store)
        try await directory.start()
        _ = try await store.commit(Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
        #expect(directory.snapshot.userCount == 0)
        try await directory.commit(Fixtures.change([], [Fixtures.user("b", uid: 2)]))
        #expect(directory.snapshot.userCount == 2)
        #expect(directory.snapshot.revision == Revision(2))
    }

    @Test func concurrentWritersEachReadTheirOwn() async throws {
        let store = MemoryStore(chaining: PlaintextSealing())
        let directory = directory(store)
        try await directory.start()
        try await directory.commit(Fixtures.change([Fixtures.cluster()]))
        await withTaskGroup(of: Bool.self) { group in
            for uid in UInt32(1)...200 {
                group.addTask {
                    guard
                        let own = try? await directory.commit(Fixtures.change([], [Fixtures.user("u\(uid)", uid: uid)]))
                    else { return false }
                    let account = AccountID(stored: "usr-\(uid)")
                    let snapshot = directory.snapshot
                    return snapshot.revision >= own && snapshot.rows(of: account).count == 1
                }
            }
            for await readsItsOwn in group { #expect(readsItsOwn) }
        }
        #expect(directory.snapshot.revision == Revision(201))
    }

    @Test func followsOthersBySigns() async throws {
        let store = MemoryStore(chaining: PlaintextSealing())
        let directory = directory(store)
        try await directory.start()
        let following = Task { await directory.follow() }
        let revision = try await store.commit(
            Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
        // Without a look at the store of its own.
        let end = await directory.waiters.wait(
            for: revision, atMost: .seconds(600), isPublished: { directory.snapshot.revision >= revision })
        #expect(end == .published)
        #expect(directory.snapshot.userCount == 1)
        following.cancel()
        await following.value
    }

    @Test(arguments: [true, false])
    func aHistoryThatLostCommitsTakesThePlaceOfTheOneThatHadThem(isRenamed: Bool) async throws {
        let store = MemoryStore(chaining: PlaintextSealing())
        let directory = directory(store)
        try await directory.start()
        var change = Fixtures.change([Fixtures.cluster()], [Fixtures.user("kept", uid: 1)])
        change.events = [Fixtures.event("A")]
        try await directory.commit(change)
        let saved = store.save()
        for number in UInt32(2)...4 {
            change = Fixtures.change([], [Fixtures.user("lost\(number)", uid: number)])
            change.events = [Fixtures.event("B\(number)")]
            try await directory.commit(change)
        }
        #expect(try await directory.operations(OperationQuery(scope: .all)).operations.count == 4)
        store.goBack(to: saved, renaming: isRenamed)
        await directory.refresh()
        #expect(directory.snapshot.revision == Revision(1))
        #expect(directory.knownRevision == Revision(1))
        #expect(directory.snapshot.userCount == 1)
        // And goes on from there, with other commits under the same revisions.
        change = Fixtures.change([], [Fixtures.user("new", uid: 9)])
        change.events = [Fixtures.event("C")]
        #expect(try await directory.commit(change) == Revision(2))
        #expect(directory.snapshot.user(named: "new", in: Fixtures.cluster().id) != nil)
        let actions = try await directory.operations(OperationQuery(scope: .all)).operations.map(\.action)
        #expect(actions.sorted() == ["A", "C"])
    }

    @Test func goesOnReadingWhileTheStoreFails() async throws {
        let store = MemoryStore(chaining: PlaintextSealing())
        let directory = directory(store)
        try await directory.start()
        try await directory.commit(Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
        store.fail(with: .unavailable(cause: "test"))
        await #expect(throws: StoreError.unavailable(cause: "test")) {
            try await directory.commit(Fixtures.change([], [Fixtures.user("b", uid: 2)]))
        }
        #expect(try directory.snapshot.page(UserQuery(zone: Fixtures.zone), scope: .all).totalCount == 1)
        store.fail(with: nil)
        await directory.refresh()
        try await directory.commit(Fixtures.change([], [Fixtures.user("b", uid: 2)]))
        #expect(directory.snapshot.userCount == 2)
    }

    @Test func revokedKeysVanishAndUnreadableOnesAreAsUnknown() async throws {
        let directory = directory(MemoryStore(chaining: PlaintextSealing()))
        try await directory.start()
        var key = AccessKey(
            id: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), principal: .reader(nil),
            secret: SealedSecret(keyVersion: 1, bytes: [1]), createTime: Fixtures.time)
        var change = Change(time: Fixtures.time)
        change.keys = [key]
        try await directory.commit(change)
        #expect(directory.snapshot.key(key.id)?.principal == .reader(nil))
        key.revokeTime = Fixtures.time
        change.keys = [key]
        try await directory.commit(change)
        #expect(directory.snapshot.key(key.id) == nil)
    }

    @Test func commitsAtOnceArePublishedByOneLookAtTheStore() async throws {
        let store = DelayedStore(commits: 100)
        let directory = Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
        try await directory.start()
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let own = try? await directory.commit(Fixtures.change([Fixtures.cluster("c\(number)")]))
                    return own.map { directory.snapshot.revision >= $0 } ?? false
                }
            }
            for await readsItsOwn in group { #expect(readsItsOwn) }
        }
        // The first look waits for all commits; a caller may find it over and done, and none needs another.
        #expect(store.looks == 1)
    }
}

/// A store that tells its first changes only after so many commits, and counts how often it is asked.
private final class DelayedStore: ForwardingStore {
    let store = MemoryStore(chaining: PlaintextSealing())
    private let commits: Int
    private let counts = Watched((commits: 0, looks: 0))

    init(commits: Int) {
        self.commits = commits
    }

    var looks: Int { counts.value.looks }

    func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision {
        let revision = try await store.commit(change, ifNewest: expected, progress: progress)
        counts.update { $0.commits += 1 }
        return revision
    }

    func changes(since revision: Revision) async throws(StoreError) -> Delta? {
        counts.update { $0.looks += 1 }
        await counts.wait { [commits] in $0.commits >= commits }
        return try await store.changes(since: revision)
    }
}
