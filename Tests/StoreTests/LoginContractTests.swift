import GRDB
import RosterModel
import RosterPostgres
import RosterSQLite
import RosterStore
import RosterTesting
import Testing

/// How every store records the logins of users; run against each of them.
@Suite(.timeLimit(.minutes(5))) struct LoginContractTests {
    private func login(
        _ name: String, _ outcome: LoginRecord.Outcome, at seconds: Int64, over server: LoginRecord.Server = .ldap
    ) -> LoginRecord {
        LoginRecord(of: HPCUserID(stored: "hpcuser-\(name)"), outcome, at: Timestamp(seconds: seconds), over: server)
    }

    private func logins(_ store: any DirectoryStore, since mark: Int64? = nil) async throws -> Set<LoginRecord> {
        Set(try await store.logins(since: mark).logins)
    }

    @Test(arguments: Kind.allCases)
    func theLaterRecordOfEachOutcomeStays(kind: Kind) async throws {
        try await withStore(kind) { store in
            #expect(try await logins(store).isEmpty)
            try await store.record([])
            try await store.record([
                login("b", .success, at: 10), login("a", .failure, at: 20, over: .http), login("a", .success, at: 20),
            ])
            try await store.record([login("a", .success, at: 30, over: .http), login("b", .success, at: 9)])
            try await store.record([login("a", .failure, at: 20, over: .ldap)])
            let expected: Set = [
                login("b", .success, at: 10), login("a", .failure, at: 20, over: .ldap),
                login("a", .success, at: 30, over: .http),
            ]
            #expect(try await logins(store) == expected)
            // The directory did not change.
            #expect(try await store.load { _ in }.revision == .none)
            #expect(try await store.events(after: 0, limit: 1).isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func whatOthersWriteIsSeenAtTheNextMark(kind: Kind) async throws {
        try await withStore(kind) { store in
            try await store.record([login("a", .success, at: 10)])
            let history = try await store.logins(since: nil)
            try await store.record((0..<1000).map { login("u\($0)", .success, at: 11) })
            let news = try await logins(store, since: history.mark)
            #expect(news.isSuperset(of: (0..<1000).map { login("u\($0)", .success, at: 11) }))
            #expect(try await store.logins(since: history.mark).since == history.since)
        }
    }

    @Test func twoServersMergeWhatTheyRecordAtOnce() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let (one, other) = (try await TemporaryPostgres.open(address), try await TemporaryPostgres.open(address))
            let users = (0..<500).map { "u\($0)" }
            try await withThrowingTaskGroup { group in
                for (store, time) in [(one, Int64(10)), (other, 11)] {
                    group.addTask {
                        for _ in 0..<5 {
                            try await store.record(users.shuffled().map { login($0, .success, at: time) })
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await logins(one) == Set(users.map { login($0, .success, at: 11) }))
        }
    }

    @Test func aChangedRowIsNotBelieved() async throws {
        try await TemporarySQLite.inFolder { path in
            try await TemporarySQLite.open(path).record([login("a", .success, at: 10)])
            try await DatabaseQueue(path: path).write { db in
                try db.execute(sql: "UPDATE logins SET time = 4000000000")
            }
            let store = try TemporarySQLite.open(path)
            await #expect(throws: StoreError.self) { _ = try await store.logins(since: nil) }
            #expect(try await store.damages().count == 1)
            // A server goes on, and an administrator may take the row as it is.
            _ = try await store.load { _ in }
            try await store.acceptRows()
            #expect(try await logins(store) == [login("a", .success, at: 4_000_000_000)])
        }
    }
}
