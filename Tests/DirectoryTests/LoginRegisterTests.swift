import RosterDirectory
import RosterModel
import RosterStore
import RosterTesting
import Synchronization
import Testing

/// What a server remembers of logins, and what it writes to the store.
@Suite(.timeLimit(.minutes(5))) struct LoginRegisterTests {
    /// Counts the transactions that record logins, and the records of the largest one.
    private final class CountingStore: ForwardingStore {
        let store = MemoryStore(chaining: PlaintextSealing())
        let sizes = Mutex<[Int]>([])

        func record(_ logins: [LoginRecord]) async throws(StoreError) {
            sizes.withLock { $0.append(logins.count) }
            try await store.record(logins)
        }
    }

    private final class Clock: Sendable {
        let time = Mutex(Fixtures.time)

        var now: Timestamp { time.withLock { $0 } }

        func advance(_ seconds: Int64) { time.withLock { $0 = Timestamp(seconds: $0.seconds + seconds) } }
    }

    private let store = CountingStore()
    private let clock = Clock()
    private let register: LoginRegister
    private let zhang = HPCUserID(stored: "hpcuser-zhang")
    /// Too long to be packed.
    private let li = HPCUserID(stored: "hpcuser-lilililili")

    init() {
        register = Self.register(store, clock)
    }

    private static func register(_ store: any DirectoryStore, _ clock: Clock) -> LoginRegister {
        LoginRegister(
            directory: Directory(
                store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { clock.now },
                report: { _ in }))
    }

    private func record(_ user: HPCUserID, _ refusal: String? = nil, over server: LoginRecord.Server = .ldap) {
        register.record(user, over: server, client: "192.0.2.1", refusal: refusal)
    }

    @Test(arguments: ["hpcuser-zhang", "hpcuser-lilililili", "other"])
    func theLastOfEachOutcomeIsTold(id: String) {
        let user = HPCUserID(stored: id)
        #expect(register.times(of: user) == .init())
        record(user, "locked")
        clock.advance(5)
        record(user, over: .http)
        clock.advance(5)
        record(user, "password_wrong", over: .http)
        let start = Fixtures.time.seconds
        let times = register.times(of: user)
        #expect(times.success == LoginRecord(of: user, .success, at: Timestamp(seconds: start + 5), over: .http))
        #expect(times.failure == LoginRecord(of: user, .failure, at: Timestamp(seconds: start + 10), over: .http))
        #expect(register.lastTries(of: user).map(\.refusal) == ["password_wrong", nil, "locked"])
    }

    @Test func atMostTenTriesAreToldAndSuccessesOfOthersPushNoFailuresOut() {
        for second in 0..<20 {
            clock.advance(1)
            record(zhang, "password_wrong")
            if second == 10 { record(zhang) }
        }
        for number in 0..<50_000 { record(HPCUserID(stored: "hpcuser-\(number)")) }
        let tries = register.lastTries(of: zhang)
        #expect(tries.count == 10)
        #expect(tries.map(\.time) == tries.map(\.time).sorted(by: >))
        #expect(register.lastTries(of: li).isEmpty)
    }

    @Test func aHundredThousandLoginsAreWrittenInAHundredTransactions() async throws {
        for _ in 0..<3 {
            for number in 0..<100_000 { record(HPCUserID(stored: "hpcuser-\(number)")) }
        }
        try await register.exchange()
        #expect(store.sizes.withLock { $0 } == Array(repeating: 1000, count: 100))
        // Nothing is written twice.
        try await register.exchange()
        #expect(store.sizes.withLock(\.count) == 100)
        #expect(try await store.logins(since: nil).logins.count == 100_000)
    }

    @Test func aServerKnowsWhatOthersAndItsPredecessorWrote() async throws {
        record(zhang)
        record(li, "expired")
        try await register.write()
        let other = Self.register(store, clock)
        #expect(other.times(of: zhang) == .init())
        try await other.exchange()
        #expect(other.times(of: zhang) == register.times(of: zhang))
        #expect(other.times(of: li) == register.times(of: li))
        clock.advance(60)
        other.record(li, over: .http, client: "192.0.2.2", refusal: nil)
        try await other.exchange()
        #expect(register.times(of: li).success == nil)
        try await register.exchange()
        #expect(register.times(of: li) == other.times(of: li))
        // The tries are those of the server itself.
        #expect(register.lastTries(of: li).count == 1)
    }

    @Test func whatCouldNotBeWrittenIsWrittenLater() async throws {
        for number in 0..<2500 { record(HPCUserID(stored: "hpcuser-\(number)")) }
        store.store.fail(with: .busy)
        await #expect(throws: StoreError.busy) { try await register.exchange() }
        clock.advance(1)
        record(zhang)
        store.store.fail(with: nil)
        try await register.exchange()
        #expect(try await store.logins(since: nil).logins.count == 2501)
    }

    @Test func whoHasNotLoggedInSinceATimeIsKnownOnlyAfterTheStoreWasRead() async throws {
        #expect(throws: RosterError.self) { try register.unused(since: clock.now, name: "x") }
        try await register.exchange()
        record(zhang)
        record(li, "locked")
        clock.advance(100)
        record(li)
        func active(_ seconds: Int64) throws -> Int {
            try register.unused(since: Timestamp(seconds: Fixtures.time.seconds + seconds), name: "x").active.count
        }
        #expect(try active(0) == 2)
        #expect(try active(1) == 1)
        #expect(try active(101) == 0)
        // The store knows since when logins are recorded.
        #expect(throws: RosterError.self) { try register.unused(since: Timestamp(seconds: -1), name: "x") }
    }

    @Test func manyThreadsMayRecordAndReadAtOnce() async {
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<5000 {
                        let user = HPCUserID(stored: "hpcuser-\(number % 100)")
                        register.record(
                            user, over: .ldap, client: "192.0.2.1", refusal: number % 2 == 0 ? nil : "locked")
                        _ = register.times(of: user)
                        if number % 500 == 0 { try? await register.exchange() }
                    }
                }
            }
        }
        for number in 0..<100 {
            let times = register.times(of: HPCUserID(stored: "hpcuser-\(number)"))
            #expect((times.success == nil) == (number % 2 == 1))
            #expect((times.failure == nil) == (number % 2 == 0))
        }
    }
}
