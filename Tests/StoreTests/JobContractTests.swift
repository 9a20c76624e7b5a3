import GRDB
import RosterModel
import RosterPostgres
import RosterSQLite
import RosterStore
import RosterTesting
import Testing

/// Every store answers queries of the operation log as its events tell (`OperationFold`).
@Suite(.timeLimit(.minutes(5))) struct JobContractTests {
    private static let clusters = ["one00000", "two00000", "far00000", "none0000"].map { Fixtures.cluster($0).id }
    private static let accounts = ["usr-1", "usr-2", "usr-3"].map { AccountID(stored: $0) }
    private static let resources = ["zhang", "li", "O'Brien", "a\"b", "Käthe", "100%", "KEY?"]

    private struct Generator {
        var random: SeededGenerator
        var time = Fixtures.time.seconds

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

        mutating func some<Value>(_ values: [Value], atMost count: Int = .max) -> [Value] {
            Array(values.filter { _ in chance(40) }.prefix(count))
        }

        mutating func event() -> OperationEvent {
            time += Int64.random(in: 0...3, using: &random)
            let job = Int.random(in: 0..<60, using: &random)
            let clusters = some(JobContractTests.clusters, atMost: chance(80) ? 1 : 3)
            return OperationEvent(
                job: JobID(stored: "j-\(job)"), time: Timestamp(seconds: time),
                action: ["AddUser", "DeleteUser", "ImportUsers"].randomElement(using: &random) ?? "",
                owner: JobContractTests.accounts.randomElement(using: &random).flatMap { chance(80) ? $0 : nil },
                submitter: "KEY", origin: "127.0.0.1", clusters: clusters,
                resources: some(JobContractTests.resources, atMost: 2) + (chance(30) ? clusters.map(\.text) : []),
                status: OperationEvent.Status.allCases.randomElement(using: &random) ?? .failed,
                error: chance(20) ? .busy : nil, message: some(["Home", "made", "älter"]).joined(separator: " "))
        }

        mutating func query() -> OperationQuery {
            let (one, two, far) = (
                JobContractTests.clusters[0], JobContractTests.clusters[1], JobContractTests.clusters[2]
            )
            let scope = OperationScope(
                clusters: Set(some([one, two])), account: chance(60) ? JobContractTests.accounts[0] : nil,
                isGlobal: chance(40), zone: [one, two], elsewhere: chance(60) ? [far] : [])
            var query = OperationQuery(scope: scope)
            if chance(10) {
                query.jobs = Set((0..<4).map { _ in JobID(stored: "j-\(Int.random(in: 0..<70, using: &random))") })
            }
            if chance(25) { query.status = OperationEvent.Status.allCases.randomElement(using: &random) }
            if chance(20) {
                query.action = ["AddUser", "adduser", "ADDUSER", "AddUse", ""].randomElement(using: &random)
            }
            if chance(15) { query.cluster = JobContractTests.clusters.randomElement(using: &random) }
            if chance(15) { query.userWords = Set(some(JobContractTests.resources)) }
            if chance(20) { query.owner = JobContractTests.accounts[Int.random(in: 0..<3, using: &random)] }
            if chance(20) {
                query.resources = Set(some(JobContractTests.resources + JobContractTests.clusters.map(\.text)))
            }
            if chance(15) { query.start = Timestamp(seconds: Fixtures.time.seconds + 40) }
            if chance(15) { query.end = Timestamp(seconds: Fixtures.time.seconds + 120) }
            if chance(20) {
                query.searchWord = ["home", "USER", "kÄthe", "%", "other clusters", "b"].randomElement(using: &random)
            }
            query.isReversed = chance(50)
            query.offset = chance(30) ? Int.random(in: 0..<20, using: &random) : chance(5) ? .max : 0
            query.limit = Int.random(in: 1...30, using: &random)
            return query
        }
    }

    @Test(arguments: Kind.allCases, [UInt64(1), 2])
    func answersAsItsEventsTell(kind: Kind, seed: UInt64) async throws {
        var generator = Generator(random: SeededGenerator(seed: seed))
        try await withStore(kind) { store in
            var events: [OperationEvent] = []
            #expect(try await store.jobs(generator.query()) == OperationPage(totalCount: 0, operations: []))
            for _ in 0..<20 {
                var change = Fixtures.change()
                change.events = (0..<Int.random(in: 1...8, using: &generator.random)).map { _ in generator.event() }
                events += change.events
                _ = try await store.commit(change)
                let fold = OperationFold(events)
                for _ in 0..<25 {
                    let query = generator.query()
                    #expect(try await store.jobs(query) == fold.page(query), "\(query)")
                }
            }
            #expect(try await store.inconsistentJob() == nil)
        }
    }

    /// The events of a program that knows no jobs, and one event after it.
    private func upgrade(_ store: any DirectoryStore, _ change: Change, _ generator: inout Generator) async throws {
        #expect(try await store.inconsistentJob() == nil)
        var next = Fixtures.change()
        next.events = [generator.event()]
        _ = try await store.commit(next)
        let fold = OperationFold(change.events + next.events)
        for _ in 0..<50 {
            let query = generator.query()
            #expect(try await store.jobs(query) == fold.page(query), "\(query)")
        }
    }

    private func firstChange(_ generator: inout Generator) -> Change {
        var change = Fixtures.change()
        change.events = (0..<80).map { _ in generator.event() }
        return change
    }

    @Test func anOlderFileGetsItsJobsAtTheUpgrade() async throws {
        var generator = Generator(random: SeededGenerator(seed: 3))
        let change = firstChange(&generator)
        try await TemporarySQLite.inFolder { path in
            _ = try await TemporarySQLite.open(path).commit(change)
            try await DatabaseQueue(path: path).write { db in
                for table in ["clusters", "users", "groups", "group_members", "number_ledger", "access_keys"] {
                    try db.execute(sql: "ALTER TABLE \(table) DROP COLUMN checksum")
                }
                try db.execute(
                    sql: """
                        DROP TABLE deletion_records; DROP INDEX users_deleted_name;
                        DROP TABLE attribute_declarations; DROP TABLE map_entries; DROP TABLE job_links;
                        DROP TABLE jobs;
                        ALTER TABLE users DROP COLUMN attributes;
                        ALTER TABLE groups DROP COLUMN member_groups; ALTER TABLE groups DROP COLUMN member_names;
                        ALTER TABLE groups DROP COLUMN create_time; ALTER TABLE groups DROP COLUMN update_time;
                        DELETE FROM grdb_migrations WHERE identifier >= '3'
                        """)
            }
            try await upgrade(try TemporarySQLite.open(path), change, &generator)
        }
    }

    @Test func anOlderDatabaseGetsItsJobsAtTheUpgradeAndFromReplicasThatAreNotUpgradedYet() async throws {
        var generator = Generator(random: SeededGenerator(seed: 3))
        let change = firstChange(&generator)
        try await TemporaryPostgres.inDatabase { address in
            _ = try await TemporaryPostgres.open(address).commit(change)
            try await TemporaryPostgres.psql(
                """
                DELETE FROM roster.meta WHERE name = 'logins_since'; DROP TABLE roster.logins;
                DROP TABLE roster.deletion_records, roster.attribute_declarations, roster.map_entries, roster.job_links,
                roster.jobs; DROP INDEX roster.users_deleted_name; DROP INDEX roster.operations_job;
                ALTER TABLE roster.users DROP COLUMN attributes;
                ALTER TABLE roster.groups DROP COLUMN member_groups, DROP COLUMN member_names, DROP COLUMN create_time,
                DROP COLUMN update_time; DELETE FROM roster.schema_steps WHERE step >= 2
                """, at: address)
            let store = try await TemporaryPostgres.open(address)
            try await upgrade(store, change, &generator)
            // A replica that knows no jobs appends an event.
            try await TemporaryPostgres.psql(
                """
                INSERT INTO roster.operations SELECT max(sequence) + 1, 'j-old', 1, 'AddUser', NULL, 'KEY', 'local', '', 'zhang',
                'failed', NULL, '', '' FROM roster.operations
                """, at: address)
            #expect(try await store.inconsistentJob() == JobID(stored: "j-old"))
            var next = Fixtures.change()
            next.events = [generator.event()]
            _ = try await store.commit(next)
            #expect(try await store.inconsistentJob() == nil)
        }
    }

    @Test(arguments: [Kind.sqlite, .postgres])
    func aJobThatWasChangedBesideTheLogShows(kind: Kind) async throws {
        var generator = Generator(random: SeededGenerator(seed: 4))
        let change = firstChange(&generator)
        let sabotage = [
            "UPDATE jobs SET status = 'pending' WHERE status = 'failed'",
            "UPDATE jobs SET owner = 'usr-9' WHERE ordinal = 3",
            "UPDATE jobs SET last_sequence = first_sequence WHERE last_sequence <> first_sequence",
            "DELETE FROM job_links WHERE ordinal = 5; DELETE FROM jobs WHERE ordinal = 5",
            "DELETE FROM job_links WHERE kind = 'c' AND ordinal = (SELECT max(ordinal) FROM job_links WHERE kind = 'c')",
            "DELETE FROM job_links WHERE kind = 'r' AND ordinal = (SELECT max(ordinal) FROM job_links WHERE kind = 'r')",
            "INSERT INTO job_links VALUES ('c', 'hpc-another', 3)",
            "INSERT INTO job_links VALUES ('x', 'hpc-another', 3)",
            "UPDATE job_links SET value = value || 'x' WHERE kind = 'r' AND ordinal IN (SELECT max(ordinal) FROM job_links WHERE kind = 'r')",
        ]
        for sql in sabotage {
            switch kind {
            case .memory: break
            case .sqlite:
                try await TemporarySQLite.inFolder { path in
                    let store = try TemporarySQLite.open(path)
                    _ = try await store.commit(change)
                    try await DatabaseQueue(path: path).write { db in try db.execute(sql: sql) }
                    #expect(try await store.inconsistentJob() != nil, "\(sql)")
                }
            case .postgres:
                try await TemporaryPostgres.inDatabase { address in
                    let store = try await TemporaryPostgres.open(address)
                    _ = try await store.commit(change)
                    try await TemporaryPostgres.psql("SET search_path = roster; \(sql)", at: address)
                    #expect(try await store.inconsistentJob() != nil, "\(sql)")
                    let walk = try await store.walkLog(chaining: TemporarySQLite.key, expecting: nil)
                    #expect(throws: ChainWalk.ChainError.self) { try walk.get() }
                }
            }
        }
    }
}
