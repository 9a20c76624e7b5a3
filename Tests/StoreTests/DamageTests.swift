import Foundation
import GRDB
import RosterCredentials
import RosterModel
import RosterSQLite
import RosterStore
import RosterTesting
import Testing

/// Bytes that change on the disk are noticed before anything wrong is served.
@Suite(.timeLimit(.minutes(5))) struct DamageTests {
    /// How many damaged stores a run tries; `ROSTER_FLIPS` asks for more of them.
    private static let flips =
        ProcessInfo.processInfo.environment["ROSTER_FLIPS"].flatMap(Int.init) ?? 300

    /// What a server would serve, in an order of its own.
    private struct Served: Equatable {
        var users: [User]
        var clusters: [Cluster]
        var groups: [Group]
        var entries: [MapEntry]
        var keys: [AccessKey]
        var revision: Revision

        init(_ contents: DirectoryContents) {
            users = contents.users.sorted { $0.id.text < $1.id.text }
            clusters = contents.clusters.sorted { $0.id.text < $1.id.text }
            groups = contents.groups.sorted { ($0.cluster.text, $0.gidNumber) < ($1.cluster.text, $1.gidNumber) }
            entries = contents.mapEntries.sorted { "\($0.key)" < "\($1.key)" }
            keys = contents.keys.sorted { $0.id.text < $1.id.text }
            revision = contents.revision
        }
    }

    private func fill(_ path: String) async throws {
        let store = try TemporarySQLite.open(path)
        let cluster = Fixtures.cluster()
        var change = Fixtures.change(
            [cluster, Fixtures.cluster("other000")],
            (0..<200).map { number in
                var user = Fixtures.user("user\(number)", uid: UInt32(10_000 + number))
                user.gecos = "Name of \(number)"
                user.attributes[.mail] = [Array("user\(number)@example.org".utf8)]
                return user
            })
        change.keys = [Fixtures.key()]
        let ids = change.users.map(\.id)
        for number in 0..<20 {
            let members = Array(ids[(number * 5)..<(number * 5 + 5)])
            change.groups.append(
                Group(
                    cluster: cluster.id, name: "group\(number)", gidNumber: UInt32(20_000 + number), isPrimary: false,
                    members: members))
        }
        change.mapEntries = (0..<10).map { Fixtures.mapEntry("sudo/rule\($0)") }
        _ = try await store.commit(change)
        // One of each is removed again: what is removed must not come back either.
        var removal = Fixtures.change(removing: [change.users[7].id])
        removal.removedGroups = [change.groups[3].key]
        _ = try await store.commit(removal)
    }

    @Test func noFlippedBitChangesWhatIsServed() async throws {
        try await TemporarySQLite.inFolder { path in
            try await fill(path)
            let wanted = Served(try await TemporarySQLite.open(path).load { _ in })
            try DatabaseQueue(path: path).inDatabase { db in
                _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            var random = SeededGenerator(seed: 20_261_127)
            var (noticed, harmless) = (0, 0)
            for number in 0..<Self.flips {
                let damaged = path + ".\(number)"
                var bytes = whole
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try bytes.write(to: URL(fileURLWithPath: damaged))
                do {
                    let served = Served(try await TemporarySQLite.open(damaged).load { _ in })
                    #expect(served == wanted, "a flipped bit at \(place) changed what is served")
                    harmless += 1
                } catch is SQLiteStore.OpenError {
                    noticed += 1
                } catch is StoreError {
                    noticed += 1
                }
                for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: damaged + suffix) }
            }
            #expect(noticed > 0 && harmless > 0 && !wanted.entries.isEmpty && !wanted.groups.isEmpty)
            if ProcessInfo.processInfo.environment["ROSTER_FLIPS"] != nil {
                print("flipped bits: \(noticed) noticed, \(harmless) without effect on what is served")
            }
        }
    }

    @Test(arguments: [
        ("UPDATE users SET username = 'mallory' WHERE username = 'user3'", "users hpcuser_id"),
        ("UPDATE users SET deleted_time = 1 WHERE username = 'user3'", "users hpcuser_id"),
        ("UPDATE users SET mode = NULL, role = 'boss' WHERE username = 'user3'", "users hpcuser_id"),
        ("UPDATE users SET checksum = NULL WHERE username = 'user3'", "users hpcuser_id"),
        ("DELETE FROM users WHERE username = 'user150'", "users: 1 row"),
        ("DELETE FROM users WHERE username IN ('user3', 'user4')", "users: 2 rows"),
        ("UPDATE groups SET name = 'wheel' WHERE name = 'group2'", "groups cluster_id"),
        ("UPDATE group_members SET gid_number = 20003 WHERE gid_number = 20002", "group_members cluster_id"),
        ("UPDATE clusters SET zone = 'other' WHERE cluster_id LIKE '%other000'", "clusters cluster_id"),
        ("UPDATE access_keys SET kind = 'operator'", "access_keys access_key_id"),
        ("UPDATE map_entries SET attributes = attributes || 'x'", "map_entries cluster_id"),
    ])
    func aChangedRowStopsTheLoadAndIsNamed(sql: String, named: String) async throws {
        try await TemporarySQLite.inFolder { path in
            try await fill(path)
            try await DatabaseQueue(path: path).writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = OFF")
                try db.execute(sql: sql)
            }
            let store = try TemporarySQLite.open(path)
            let error = await #expect(throws: StoreError.self) { _ = try await store.load { _ in } }
            guard case .damaged(let rows) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(rows.joined().contains(named))
            let damages = try await store.damages()
            #expect(damages.joined(separator: "\n").contains(named))
            // An administrator may take the rows as they are.
            try await store.acceptRows()
            #expect(try await store.damages() == [])
            _ = try await store.load { _ in }
            // And the store goes on.
            _ = try await store.commit(Fixtures.change([], [Fixtures.user("new", uid: 31_000)]))
            #expect(try await store.damages() == [])
        }
    }

    @Test func aChangedRowOfTheLedgerIsNotBelieved() async throws {
        try await TemporarySQLite.inFolder { path in
            try await fill(path)
            try await DatabaseQueue(path: path).write { db in
                try db.execute(sql: "UPDATE number_ledger SET holder = 'hpcuser-other' WHERE number = 10003")
            }
            let store = try TemporarySQLite.open(path)
            _ = try await store.load { _ in }
            let cluster = Fixtures.cluster().id
            await #expect(throws: StoreError.self) {
                _ = try await store.allocation(of: 10_003, kind: .uid, in: cluster)
            }
            await #expect(throws: StoreError.self) {
                _ = try await store.commit(Fixtures.change([], [Fixtures.user("new", uid: 10_003)]))
            }
            #expect(try await store.damages().count == 1)
        }
    }

    @Test func aChangedRecordOfADeletionIsNotBelieved() async throws {
        try await TemporarySQLite.inFolder { path in
            try await fill(path)
            try await DatabaseQueue(path: path).write { db in
                try db.execute(sql: "UPDATE deletion_records SET gids = '20005'")
            }
            let store = try TemporarySQLite.open(path)
            let cluster = Fixtures.cluster().id
            await #expect(throws: StoreError.self) {
                _ = try await store.deletedUsers(named: "user7", id: nil, in: cluster, limit: 1)
            }
            #expect(try await store.damages().count == 1)
            // A server goes on, and an administrator may take the row as it is.
            _ = try await store.load { _ in }
            try await store.acceptRows()
            let accepted = try await store.deletedUsers(named: "user7", id: nil, in: cluster, limit: 1).first
            #expect(accepted?.record?.groups == [20_005])
        }
    }

    @Test func anOlderStoreGetsChecksumsAtTheUpgrade() async throws {
        try await TemporarySQLite.inFolder { path in
            try await fill(path)
            try await DatabaseQueue(path: path).write { db in
                for table in [
                    "clusters", "users", "groups", "group_members", "number_ledger", "access_keys", "map_entries",
                ] {
                    try db.execute(sql: "ALTER TABLE \(table) DROP COLUMN checksum")
                }
                try db.execute(
                    sql: """
                        DROP TABLE deletion_records; DROP INDEX users_deleted_name; DROP TABLE attribute_declarations;
                        DELETE FROM grdb_migrations WHERE identifier >= '7'
                        """)
            }
            let store = try TemporarySQLite.open(path)
            #expect(try await store.damages() == [])
            _ = try await store.load { _ in }
        }
    }

    @Test func aWholeStoreHasNoDamage() async throws {
        try await TemporarySQLite.inFolder { path in
            try await fill(path)
            #expect(try await TemporarySQLite.open(path).damages() == [])
        }
    }
}
