import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@testable import RosterDirectory

/// What stops a user is found in the order in which a login meets it.
@Suite(.timeLimit(.minutes(5))) struct LoginCheckerTests {
    /// Knows only hashes that begin with `known`.
    private struct SomeHashing: PasswordHashing {
        func hash(_ password: String, for client: QueueClient) async throws(RosterError) -> PasswordHash {
            PasswordHash(stored: "known" + password)
        }

        func verify(
            _ password: String, against hash: PasswordHash, for client: QueueClient
        ) async throws(RosterError) -> Bool { hash.text == "known" + password }

        func canVerify(_ hash: PasswordHash) -> Bool { hash.text.hasPrefix("known") }
    }

    private let store = MemoryStore(chaining: PlaintextSealing())
    private let directory: Directory
    private let checker: LoginChecker
    private let cluster = Fixtures.cluster()

    init() async throws {
        directory = Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
        checker = LoginChecker(directory: directory, hashing: SomeHashing())
        try await directory.start()
        var change = Fixtures.change(
            [cluster],
            ["zhang", "zhong", "zhan", "li", "wang"].enumerated().map {
                Fixtures.user($1, uid: 10_001 + UInt32($0), account: "usr-\($1)")
            })
        change.keys = [Fixtures.key()]
        try await directory.commit(change)
    }

    @Test func theFirstObstacleIsFound() async throws {
        var user = Fixtures.user("zhang", uid: 10_001)
        #expect(await checker.obstacle(of: user) == .noPassword)
        user.password = PasswordHash(stored: "{ARGON2}x")
        #expect(await checker.obstacle(of: user) == .unverifiedHash)
        user.expires = Fixtures.time
        #expect(await checker.obstacle(of: user) == .expired(Fixtures.time))
        user.state = .locked
        #expect(await checker.obstacle(of: user) == .locked(nil))
        user.state = .active
        user.expires = Timestamp(seconds: Fixtures.time.seconds + 1)
        user.password = PasswordHash(stored: "knownpassword")
        #expect(await checker.obstacle(of: user) == nil)
        #expect(try await checker.verify("password", of: user, for: .process))
        #expect(try await !checker.verify("Password", of: user, for: .process))
        #expect(await checker.laterObstacle(of: user) == nil)
    }

    @Test func theLockIsTheLastOneOfTheLog() async throws {
        let handler = UserCommandHandler(directory: directory, hashing: SomeHashing())
        func execute(_ change: (inout UserModification) -> Void) async throws -> JobID {
            var modification = UserModification()
            change(&modification)
            let actor = CommandActor(
                principal: .operator(AccountID(stored: "usr-op")), scope: .all,
                key: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), origin: "127.0.0.1",
                digest: (0..<8).map { _ in UInt8.random(in: 0...255) }, expires: Fixtures.time)
            return try await handler.execute(
                .modify(username: "li", modification), cluster: cluster.id, zone: Fixtures.zone, by: actor)
        }
        // A user has existed since before the clock of these tests.
        func li(createdAfter seconds: Int64 = 0) -> User? {
            var user = directory.snapshot.user(named: "li", in: cluster.id)
            user?.createTime = Timestamp(seconds: Fixtures.time.seconds + seconds)
            return user
        }
        _ = try await execute { $0.state = .locked }
        _ = try await execute { $0.state = .active }
        let job = try await execute {
            $0.newPassword = "Correct1Horse"
            $0.state = .locked
        }
        _ = try await execute { $0.gecos = "x; unlocked" }
        let locked = try #require(li())
        #expect(
            await checker.obstacle(of: locked)
                == .locked(.init(job: job, time: Fixtures.time, submitter: "AAAAAAAAAAAAAAAAAAAA")))
        // A user of that name that came later was not locked by it.
        let later = try #require(li(createdAfter: 1))
        #expect(await checker.obstacle(of: later) == .locked(nil))
    }

    @Test func nearNamesAreThoseThatTheCallerSees() {
        let snapshot = directory.snapshot
        func near(_ name: String, _ visibility: Scope.Visibility = .all) -> [String] {
            checker.namesNear(name, in: cluster.id, visibility: visibility, of: snapshot).map(\.text)
        }
        #expect(near("zhagn") == ["zhan", "zhang", "zhong"] || near("zhagn") == ["zhang", "zhan", "zhong"])
        #expect(near("ZHANG2").first == "zhang")
        #expect(near("lo") == ["li"])
        #expect(near("l").isEmpty && near("somebody").isEmpty && near(String(repeating: "z", count: 65)).isEmpty)
        #expect(near("zhagn", .rows(of: AccountID(stored: "usr-zhong"))) == ["zhong"])
    }

    @Test(
        arguments: [
            ("locked", User.State.locked), ("unlocked; gecos: a -> b", .active), ("password set; locked; x", .locked),
            ("gecos: a -> b; locked", nil), ("password set", nil), ("password set; gecos: - -> x; unlocked", nil),
            ("", nil),
        ] as [(String, User.State?)])
    func onlyTheFirstPartsOfASummaryAreStates(summary: String, state: User.State?) {
        #expect(UserModification.stateChange(inSummary: summary) == state)
    }
}
