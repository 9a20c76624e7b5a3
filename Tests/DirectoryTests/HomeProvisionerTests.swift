import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Synchronization
import Testing

/// The home of an added user is a step of its job, whatever happens in between. The making itself is RosterHomes' business.
@Suite(.timeLimit(.minutes(5))) struct HomeProvisionerTests {
    /// Notes what is asked for, and fails where it is told to.
    private final class NotingMaker: HomeCreating {
        private let state = Mutex(State())
        /// Each home as it is made.
        let homes: AsyncStream<Home>
        private let continuation: AsyncStream<Home>.Continuation

        init() {
            (homes, continuation) = AsyncStream.makeStream()
        }

        private struct State {
            var made: [Home] = []
            var owners: [String: UInt32] = [:]
            var fault: HomeError?
        }

        var made: [Home] { state.withLock(\.made) }
        func setOwner(_ uid: UInt32, of path: String) { state.withLock { $0.owners[path] = uid } }
        func fail(_ fault: HomeError?) { state.withLock { $0.fault = fault } }

        func make(_ home: Home) throws(HomeError) -> HomeOutcome {
            try state.withLock { (state) throws(HomeError) in
                if let fault = state.fault { throw fault }
                state.made.append(home)
                continuation.yield(home)
                return .made
            }
        }

        func owner(of home: Home) throws(HomeError) -> UInt32? { state.withLock { $0.owners[home.path] } }
    }

    private struct PlainHashing: PasswordHashing {
        func hash(_ password: String, for client: QueueClient) async throws(RosterError) -> PasswordHash {
            PasswordHash(stored: "hash")
        }
        func verify(
            _ password: String, against hash: PasswordHash, for client: QueueClient
        ) async throws(RosterError) -> Bool { true }
    }

    private let store = MemoryStore(chaining: PlaintextSealing())
    private let maker = NotingMaker()
    private let cluster = Fixtures.cluster()

    private func directory(
        report: @escaping @Sendable (StoreHealthEvent) -> Void = { _ in }
    ) async throws -> Directory {
        let directory = Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: report)
        try await directory.start()
        return directory
    }

    private func fill(_ directory: Directory) async throws {
        var change = Fixtures.change([cluster], [Fixtures.user("admin", uid: 10_000, role: .admin)])
        change.keys = [Fixtures.key()]
        change.groups = [Group(cluster: cluster.id, name: "s0723", gidNumber: 10_000, isPrimary: true)]
        try await directory.commit(change)
    }

    @discardableResult
    private func add(_ name: String, mode: FileMode? = nil, _ directory: Directory, _ jobs: HomeProvisioner)
        async throws
        -> JobID
    {
        let actor = CommandActor(
            principal: .operator(AccountID(stored: "usr-op")), scope: .all,
            key: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), origin: "127.0.0.1", digest: Array(name.utf8),
            expires: Fixtures.time)
        return try await UserCommandHandler(directory: directory, hashing: PlainHashing(), homes: jobs).execute(
            .add(username: name, password: "Correct1Horse", mode: mode, uidNumber: nil), cluster: cluster.id,
            zone: Fixtures.zone, by: actor)
    }

    /// Returns once `isMet` holds for what the store tells after a commit.
    private func untilCommitted(_ isMet: () async throws -> Bool) async throws {
        for await _ in store.changeNotifications() {
            if try await isMet() { return }
        }
    }

    /// Runs `jobs` until nothing is pending.
    private func finish(_ jobs: HomeProvisioner, _ directory: Directory) async throws {
        let running = Task { await jobs.run() }
        try await untilCommitted {
            let operations = try await directory.operations(OperationQuery(scope: .all)).operations
            return operations.allSatisfy { $0.status != .pending }
        }
        running.cancel()
        await running.value
    }

    @Test func theJobEndsWhenTheHomeIsMade() async throws {
        let directory = try await directory()
        try await fill(directory)
        let jobs = HomeProvisioner(directory: directory, maker: maker)
        let job = try await add("zhang", mode: FileMode(bits: 0o750), directory, jobs)
        #expect(try await directory.operations(OperationQuery(scope: .all)).operations.map(\.status) == [.pending])
        try await finish(jobs, directory)
        #expect(
            maker.made == [
                Home(
                    mount: "/public/s0723", path: "/public/s0723/home/zhang", uidNumber: 10_001, gidNumber: 10_000,
                    mode: FileMode(bits: 0o750))
            ])
        let operation = try #require(try await directory.operations(OperationQuery(scope: .all)).operations.first)
        #expect(operation.id == job)
        #expect(operation.status == .successful)
        #expect(operation.message.contains("/public/s0723/home/zhang"))
    }

    @Test func aFaultEndsTheJobAndIsTold() async throws {
        let directory = try await directory()
        try await fill(directory)
        maker.fail(HomeError("cannot make it: the disk is full"))
        let jobs = HomeProvisioner(directory: directory, maker: maker)
        try await add("zhang", directory, jobs)
        try await finish(jobs, directory)
        let operation = try #require(try await directory.operations(OperationQuery(scope: .all)).operations.first)
        #expect(operation.status == .failed)
        #expect(operation.message.contains("the disk is full"))
        #expect(directory.snapshot.user(named: "zhang", in: cluster.id) != nil)
    }

    @Test func whatACrashLeftPendingIsTakenUpAtTheNextStart() async throws {
        let first = try await directory()
        try await fill(first)
        try await add("zhang", first, HomeProvisioner(directory: first, maker: maker))
        try await add("li", first, HomeProvisioner(directory: first, maker: maker))
        let gone = try #require(first.snapshot.user(named: "li", in: cluster.id))
        try await first.commit(Fixtures.change(removing: [gone.id]))
        #expect(maker.made.isEmpty)
        // Another run of the program.
        let second = try await directory()
        try await finish(HomeProvisioner(directory: second, maker: maker), second)
        #expect(maker.made.map(\.path) == ["/public/s0723/home/zhang"])
        #expect(
            try await second.operations(OperationQuery(scope: .all)).operations.map(\.status) == [.successful, .failed])
    }

    @Test func waitsForAStoreThatIsAwayAtTheStart() async throws {
        let directory = try await directory()
        try await fill(directory)
        try await add("zhang", directory, HomeProvisioner(directory: directory, maker: maker))
        store.fail(with: .unavailable(cause: "test"))
        await directory.refresh()
        let jobs = HomeProvisioner(directory: directory, maker: maker)
        let calls = store.calls
        let running = Task { await jobs.run() }
        let following = Task { await directory.follow() }
        // It runs, as the follower does that asks the store now.
        await store.callCount.wait { $0 > calls }
        store.fail(with: nil)
        var homes = maker.homes.makeAsyncIterator()
        #expect(await homes.next()?.path == "/public/s0723/home/zhang")
        running.cancel()
        following.cancel()
        await running.value
        await following.value
    }

    @Test(arguments: [MemoryStore.Parting.made, .lost])
    func anAdditionWhoseEndWasNotKnownGetsItsHomeOnce(parting: MemoryStore.Parting) async throws {
        let directory = try await directory()
        try await fill(directory)
        let jobs = HomeProvisioner(directory: directory, maker: maker)
        store.goAway(atNextCommit: parting)
        await #expect(throws: RosterError.self) { try await add("zhang", directory, jobs) }
        store.fail(with: nil)
        await directory.refresh()
        try await add("zhang", directory, jobs)
        try await finish(jobs, directory)
        #expect(maker.made.map(\.path) == ["/public/s0723/home/zhang"])
        #expect(try await directory.operations(OperationQuery(scope: .all)).operations.map(\.status) == [.successful])
    }

    @Test func anEndThatWasWrittenIsNotWrittenAgain() async throws {
        let isAway = Watched(false)
        let directory = try await directory { event in
            if case .away = event { isAway.update { $0 = true } }
        }
        try await fill(directory)
        let jobs = HomeProvisioner(directory: directory, maker: maker)
        try await add("zhang", directory, jobs)
        store.goAway(atNextCommit: .made)
        let running = Task { await jobs.run() }
        await isAway.wait { $0 }
        store.fail(with: nil)
        await directory.refresh()
        #expect(try await directory.operations(OperationQuery(scope: .all)).operations.map(\.status) == [.successful])
        let written = try await store.events(after: 0, limit: 100).count
        // The next job comes after the end of this one is settled.
        let job = try await add("li", directory, jobs)
        try await untilCommitted {
            try await directory.operations(OperationQuery(scope: .all)).operations.last?.status != .pending
        }
        #expect(try await store.events(after: 0, limit: 100).filter { $0.event.job != job }.count == written)
        running.cancel()
        await running.value
    }

    @Test func aFolderOfSomebodyElseRefusesTheName() async throws {
        let directory = try await directory()
        try await fill(directory)
        maker.setOwner(777, of: "/public/s0723/home/zhang")
        let jobs = HomeProvisioner(directory: directory, maker: maker)
        let error = await #expect(throws: RosterError.self) { try await add("zhang", directory, jobs) }
        #expect(error?.code == .alreadyExists)
        #expect(error?.message.contains("/public/s0723/home/zhang") == true)
        #expect(error?.message.contains("777") == true)
        #expect(directory.snapshot.user(named: "zhang", in: cluster.id) == nil)
    }

    @Test func anAdditionThatIsNotPublishedYetGetsItsHome() async throws {
        let directory = try await directory()
        try await fill(directory)
        let jobs = HomeProvisioner(directory: directory, maker: maker)
        var homes = maker.homes.makeAsyncIterator()
        try await add("li", directory, jobs)
        let running = Task { await jobs.run() }
        #expect(await homes.next()?.path == "/public/s0723/home/li")
        // Its end is a commit too, which must not be the one that the store goes away at.
        try await untilCommitted { try await store.events(after: 0, limit: 100).last?.event.status == .successful }
        // The commit is acknowledged, and the store goes away before it can be read back.
        store.goAway(atNextCommit: .told)
        let job = try await add("zhang", directory, jobs)
        #expect(directory.snapshot.user(named: "zhang", in: cluster.id) == nil)
        store.fail(with: nil)
        let following = Task { await directory.follow() }
        #expect(await homes.next()?.path == "/public/s0723/home/zhang")
        running.cancel()
        following.cancel()
        await running.value
        await following.value
        let events = try await store.events(after: 0, limit: 100).map(\.event)
        #expect(!events.contains { $0.job == job && $0.status == .failed })
    }

    /// A server loads, another one adds a user, and the first one looks through the log for what is pending.
    @Test func aJobThatIsNewerThanTheSnapshotGetsItsHome() async throws {
        let late = try await directory()
        let directory = try await directory()
        try await fill(directory)
        let job = try await add("zhang", directory, HomeProvisioner(directory: directory, maker: maker))
        #expect(late.snapshot.user(named: "zhang", in: cluster.id) == nil)
        let jobs = HomeProvisioner(directory: late, maker: maker)
        var homes = maker.homes.makeAsyncIterator()
        let running = Task { await jobs.run() }
        #expect(await homes.next()?.path == "/public/s0723/home/zhang")
        running.cancel()
        await running.value
        let events = try await store.events(after: 0, limit: 100).map(\.event)
        #expect(!events.contains { $0.job == job && $0.status == .failed })
    }
}
