import Dispatch
import RosterCredentials
import RosterDirectory
import RosterModel
import RosterPostgres
import RosterStore
import RosterTesting
import Testing

/// What only the distributed store does.
@Suite(.timeLimit(.minutes(5))) struct PostgresStoreTests {
    private let cluster = Fixtures.cluster()

    private func unnumbered(_ name: String, in range: ClosedRange<UInt32> = 1000...9999) -> Change {
        var user = Fixtures.user(name, uid: 0)
        user.id = .make()
        var change = Fixtures.change()
        change.unnumberedUsers = [.init(user: user, range: range)]
        change.events = [Fixtures.event(name)]
        return change
    }

    @Test func replicasGiveNoNumberAndNoRevisionTwice() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let replicas = [
                try await TemporaryPostgres.open(address), try await TemporaryPostgres.open(address),
                try await TemporaryPostgres.open(address),
            ]
            _ = try await replicas[0].commit(Fixtures.change([cluster]))
            let revisions = try await withThrowingTaskGroup(of: Revision.self) { group in
                for number in 0..<300 {
                    group.addTask { try await replicas[number % 3].commit(unnumbered("n\(number)")) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(revisions.sorted() == (2...301).map { Revision($0) })
            for replica in replicas {
                let users = try await replica.load { _ in }.users
                #expect(users.map(\.uidNumber).sorted() == Array(1000..<1300))
                #expect(users.map(\.revision).sorted() == revisions.sorted())
            }
            let walk = try await replicas[2].walkLog(chaining: TemporarySQLite.key, expecting: nil)
            #expect(try walk.get().sequence == 300)
        }
    }

    @Test func findsTheGapsOfARangeThatIsLongerThanAPageOfTheLedger() async throws {
        try await TemporaryPostgres.use { store in
            let range: ClosedRange<UInt32> = 1...1600
            // Right behind a page, at the end of one and in the middle; the last number is given.
            let gaps: Set<UInt32> = [501, 1000, 1250]
            _ = try await store.commit(
                Fixtures.change([cluster], range.filter { !gaps.contains($0) }.map { Fixtures.user("u\($0)", uid: $0) })
            )
            for name in ["a", "b", "c"] { _ = try await store.commit(unnumbered(name, in: range)) }
            await #expect(throws: StoreError.noNumberLeft(in: range, of: cluster.id)) {
                try await store.commit(unnumbered("d", in: range))
            }
            let users = try await store.load { _ in }.users
            #expect(
                ["a", "b", "c"].map { name in users.first { $0.username.text == name }?.uidNumber } == gaps.sorted())
        }
    }

    @Test func aSignTellsOfWhatAnotherReplicaCommits() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let (writer, follower) = (
                try await TemporaryPostgres.open(address), try await TemporaryPostgres.open(address)
            )
            var at = try await follower.load { _ in }.revision
            var signs = follower.changeNotifications().makeAsyncIterator()
            for number in 1...20 {
                let committed = try await writer.commit(Fixtures.change([Fixtures.cluster("c\(number)000000")]))
                while at < committed {
                    _ = await signs.next()
                    at = try #require(try await follower.changes(since: at)).to
                }
            }
            #expect(at == Revision(20))
        }
    }

    @Test func startsAtTheSameTimeMakeOneSchemaAndOneCanary() async throws {
        try await TemporaryPostgres.inDatabase { address in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await TemporaryPostgres.open(address) } }
                try await group.waitForAll()
            }
            let steps = try await TemporaryPostgres.psql(
                "SELECT count(*) = max(step) FROM roster.schema_steps", at: address)
            #expect(steps == "t")
        }
    }

    @Test func aSchemaOfANewerProgramIsRefusedInOneLine() async throws {
        try await TemporaryPostgres.inDatabase { address in
            _ = try await TemporaryPostgres.open(address)
            try await TemporaryPostgres.psql("INSERT INTO roster.schema_steps (step) VALUES (99)", at: address)
            let fault = await #expect(throws: PostgresStore.OpenError.self) {
                try await TemporaryPostgres.open(address)
            }
            #expect(fault?.description.contains("newer version of roster") == true)
            #expect(fault?.description.contains("\n") == false)
        }
    }

    @Test func anotherSealKeyIsRefusedAtTheStart() async throws {
        try await TemporaryPostgres.inDatabase { address in
            _ = try await TemporaryPostgres.open(address)
            let other = SealKey(bytes: Array(repeating: 8, count: 32))
            let fault = await #expect(throws: PostgresStore.OpenError.self) {
                try await TemporaryPostgres.open(address, key: other)
            }
            #expect(fault?.description.contains("--seal-key") == true)
        }
    }

    @Test func aDatabaseThatIsNotUTF8IsRefused() async throws {
        try await TemporaryPostgres.inDatabase(options: "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0") { address in
            let fault = await #expect(throws: PostgresStore.OpenError.self) {
                try await TemporaryPostgres.open(address)
            }
            #expect(fault?.description.contains("ENCODING 'UTF8'") == true)
        }
    }

    @Test func aSchemaThatAnAdministratorHasMadeIsUsedWhereItMayBe() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let role = "given\(UInt32.random(in: 0 ... .max))"
            try await TemporaryPostgres.psql("CREATE ROLE \(role) LOGIN; CREATE SCHEMA roster", at: address)
            let own = try ServerAddress(
                address.redacted.split(separator: " ").filter { !$0.hasPrefix("user=") }.joined(separator: " ")
                    + " user=\(role)")
            try await TemporaryPostgres.psql("GRANT USAGE ON SCHEMA roster TO \(role)", at: address)
            let fault = await #expect(throws: PostgresStore.OpenError.self) { try await TemporaryPostgres.open(own) }
            #expect(fault?.description.contains("belongs to the role roster") == true)
            try await TemporaryPostgres.psql("ALTER SCHEMA roster OWNER TO \(role)", at: address)
            _ = try await TemporaryPostgres.open(own)
            try await TemporaryPostgres.psql("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)", at: address)
        }
    }

    @Test func isolationThatADatabaseSetsChangesNothing() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let name = address.redacted.split(separator: " ").first { $0.hasPrefix("dbname=") }?.dropFirst(7) ?? ""
            try await TemporaryPostgres.psql(
                "ALTER DATABASE \(name) SET default_transaction_isolation = 'serializable'", at: address)
            let stores = try await withThrowingTaskGroup(of: PostgresStore.self) { group in
                for _ in 0..<4 { group.addTask { try await TemporaryPostgres.open(address) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            _ = try await stores[0].commit(Fixtures.change([cluster]))
            let revisions = try await withThrowingTaskGroup(of: Revision.self) { group in
                for number in 0..<80 {
                    group.addTask { try await stores[number % 4].commit(unnumbered("n\(number)")) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(revisions.sorted() == (2...81).map { Revision($0) })
        }
    }

    @Test func aCommitWhoseStandbyIsNotWaitedForIsUncertain() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let store = try await TemporaryPostgres.open(address)
            _ = try await store.commit(Fixtures.change([cluster]))
            // What PostgreSQL does where the wait for a standby is cut short: it commits, and warns.
            try await TemporaryPostgres.psql(
                """
                CREATE FUNCTION roster.warn() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NEW; END $$;
                CREATE TRIGGER warn BEFORE UPDATE ON roster.meta FOR EACH ROW EXECUTE FUNCTION roster.warn()
                """, at: address)
            do throws(StoreError) {
                _ = try await store.commit(Fixtures.change([], [Fixtures.user("a", uid: 1)]))
                Issue.record("acknowledged in spite of the warning")
            } catch {
                guard case .uncertain = error else { throw error }
            }
        }
    }

    @Test func whatOneChangeIsRefusedForFailsNobodyElse() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let store = try await TemporaryPostgres.open(address)
            _ = try await store.commit(Fixtures.change([cluster]))
            let outcomes = await withTaskGroup(of: Result<Revision, StoreError>.self) { group in
                for number in UInt32(1)...40 {
                    group.addTask {
                        var user = Fixtures.user("u\(number)", uid: number)
                        // No API lets a NUL in, and PostgreSQL keeps none.
                        if number.isMultiple(of: 10) { user.gecos = "a\0b" }
                        do throws(StoreError) {
                            return .success(try await store.commit(Fixtures.change([], [user])))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.compactMap { try? $0.get() }.sorted() == (2...37).map { Revision($0) })
            for case .failure(let failure) in outcomes {
                guard case .conflict = failure else { throw failure }
            }
        }
    }

    @Test func aReplicaThatStandsStillInTheMiddleOfACommitHoldsUpOthersForAMomentOnly() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let other = try await TemporaryPostgres.open(address)
            _ = try await other.commit(Fixtures.change([cluster]))
            let chaining = StandingStill()
            let replica = try await PostgresStore.open(address, sealing: chaining)
            let stuck = Task {
                do throws(StoreError) {
                    _ = try await replica.commit(unnumbered("stuck"))
                    return false
                } catch {
                    if case .uncertain = error { return true }
                    throw error
                }
            }
            await chaining.untilItStands()
            // The other one has waited for the lock, and the one who held it was turned out.
            #expect(try await other.commit(unnumbered("other")) == Revision(2))
            chaining.resumeQueue()
            #expect(try await stuck.value)
            #expect(try await other.load { _ in }.users.map(\.username.text) == ["other"])
        }
    }

    @Test func aRoleThatOnlyWritesRowsIsEnoughOnceTheSchemaIsThere() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let role = "writer\(UInt32.random(in: 0 ... .max))"
            try await TemporaryPostgres.psql("CREATE ROLE \(role) LOGIN", at: address)
            let own = try ServerAddress(
                address.redacted.split(separator: " ").filter { !$0.hasPrefix("user=") }.joined(separator: " ")
                    + " user=\(role)")
            let fault = await #expect(throws: PostgresStore.OpenError.self) { try await TemporaryPostgres.open(own) }
            #expect(fault?.description.contains("roster store migrate") == true)
            _ = try await TemporaryPostgres.open(address)
            try await TemporaryPostgres.psql(
                """
                GRANT USAGE ON SCHEMA roster TO \(role);
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA roster TO \(role)
                """, at: address)
            let store = try await TemporaryPostgres.open(own)
            let revision = try await store.commit(Fixtures.change([cluster], [Fixtures.user("a", uid: 1)]))
            #expect(try await store.load { _ in }.users.map(\.username.text) == ["a"])
            #expect(revision == Revision(1))
            try await TemporaryPostgres.psql("DROP OWNED BY \(role); DROP ROLE \(role)", at: address)
        }
    }

    @Test func connectionsThatAnAdministratorEndsAreMadeAgain() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let store = try await TemporaryPostgres.open(address)
            _ = try await store.commit(Fixtures.change([cluster]))
            for number in UInt32(1)...5 {
                try await TemporaryPostgres.psql(
                    """
                    SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """, at: address)
                let revision = try await store.commit(Fixtures.change([], [Fixtures.user("u\(number)", uid: number)]))
                #expect(revision == Revision(Int64(number) + 1))
                #expect(try await store.changes(since: Revision(Int64(number)))?.users.count == 1)
                #expect(try await store.accessKeys().isEmpty)
            }
        }
    }

    @Test func aStoreThatIsGoneIsUnavailable() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let store = try await TemporaryPostgres.open(address)
            _ = try await store.commit(Fixtures.change([cluster]))
            let name = address.redacted.split(separator: " ").first { $0.hasPrefix("dbname=") }?.dropFirst(7) ?? ""
            let server = try ServerAddress(address.redacted.replacing("dbname=\(name)", with: "dbname=postgres"))
            try await TemporaryPostgres.psql(
                "ALTER DATABASE \(name) RENAME TO \(name)_gone", at: server, disconnecting: name)
            for _ in 0..<3 {
                do throws(StoreError) {
                    _ = try await store.commit(Fixtures.change([], [Fixtures.user("a", uid: 1)]))
                    Issue.record("committed to a database that is gone")
                } catch {
                    guard case .unavailable = error else { throw error }
                }
            }
            try await TemporaryPostgres.psql("ALTER DATABASE \(name)_gone RENAME TO \(name)", at: server)
            #expect(try await store.commit(Fixtures.change([], [Fixtures.user("a", uid: 1)])) == Revision(2))
        }
    }

    @Test func aHistoryThatWentBackIsReadAnew() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let store = try await TemporaryPostgres.open(address)
            _ = try await store.commit(Fixtures.change([cluster]))
            #expect(try await store.changes(since: Revision(1)) != nil)
            #expect(try await store.changes(since: Revision(2)) == nil)
        }
    }

    @Test func whatManyChangesTouchedIsReadAnew() async throws {
        try await TemporaryPostgres.inDatabase { address in
            let store = try await TemporaryPostgres.open(address)
            let users = (UInt32(1)...20_001).map { Fixtures.user("u\($0)", uid: $0) }
            _ = try await store.commit(Fixtures.change([cluster], users))
            #expect(try await store.changes(since: .none) == nil)
            #expect(try await store.changes(since: Revision(1)) != nil)
            #expect(try await store.load { _ in }.users.count == users.count)
        }
    }

    // MARK: Addresses

    @Test(arguments: [
        "postgres://r:100%zure@db/roster", "postgres://r:Se#cret@[::1]x/one", "postgres://r:Se/cret@db/roster",
        "password=my secret word", "host=db port=secret",
    ])
    func whatCannotBeReadIsNotRepeated(text: String) {
        let fault = #expect(throws: ServerAddress.AddressError.self) { try ServerAddress(text) }
        for word in ["100%zure", "Se", "cret", "secret"] { #expect(fault?.description.contains(word) == false) }
    }

    @Test(arguments: [
        ("postgres://r@a,b:1/x", ["a", "b:1"]), ("postgres://r@a:1,b/x", ["a:1", "b"]),
        ("host=a,b port=1", ["a:1", "b:1"]),
        ("host=a,b port=1,2", ["a:1", "b:2"]), ("host=/tmp,b", ["/tmp", "b"]), ("dbname=x", []),
    ])
    func eachHostHasItsOwnPort(text: String, hosts: [String]) throws {
        let found = try ServerAddress(text).hosts.map { host in
            [host.name, host.port].compactMap(\.self).joined(separator: ":")
        }
        #expect(found == hosts)
    }

    @Test func anAddressShowsNoPassword() throws {
        for text in ["postgres://roster:hidden@db1,db2/roster", "host=db1,db2 password=hidden user=roster"] {
            let address = try ServerAddress(text)
            #expect(address.hasPassword)
            #expect(!address.redacted.contains("hidden"))
            #expect(address.redacted.contains("host=db1,db2"))
        }
        #expect(try !ServerAddress("postgres://roster@db1/roster").hasPassword)
        #expect(throws: ServerAddress.AddressError.self) {
            try ServerAddress("postgres://roster@db1/roster?nonsense=1")
        }
        #expect(throws: ServerAddress.AddressError.self) { try ServerAddress("nonsense=1") }
    }
}

/// Chains events as the others do, but stands still at the first: between the lock of the revision and the commit.
private final class StandingStill: SecretSealing, EventChaining {
    private let key = TemporarySQLite.key
    private let stands = AsyncStream.makeStream(of: Void.self)
    private let gate = DispatchSemaphore(value: 0)

    func seal(_ secret: [UInt8], of owner: String) throws(RosterError) -> SealedSecret {
        try key.seal(secret, of: owner)
    }

    func open(_ sealed: SealedSecret, of owner: String) throws(RosterError) -> [UInt8] {
        try key.open(sealed, of: owner)
    }

    func code(after previous: [UInt8], of event: [UInt8]) -> [UInt8] {
        stands.continuation.yield()
        gate.wait()
        return key.code(after: previous, of: event)
    }

    func untilItStands() async {
        for await _ in stands.stream { return }
    }

    func resumeQueue() { gate.signal() }
}
