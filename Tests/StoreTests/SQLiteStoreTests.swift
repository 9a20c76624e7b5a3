import Foundation
import GRDB
import Roster
import RosterCredentials
import RosterSQLite
import RosterTesting
import Testing

/// What only the embedded store must do.
@Suite struct SQLiteStoreTests {
    @Test func keepsEverythingAcrossAnOpening() async throws {
        try await TemporarySQLite.inFolder { path in
            do {
                let store = try TemporarySQLite.open(path)
                _ = try await store.commit(MadeUp.change([MadeUp.cluster()], [MadeUp.user("a", uid: 1)]))
            }
            let image = try await TemporarySQLite.open(path).load { _ in }
            #expect(image.revision == Revision(1))
            #expect(image.users.map(\.username.text) == ["a"])
        }
    }

    @Test func anotherSealKeyIsNoticedAtTheOpening() async throws {
        try await TemporarySQLite.inFolder { path in
            _ = try TemporarySQLite.open(path)
            let error = #expect(throws: SQLiteStore.OpenFault.self) {
                try TemporarySQLite.open(path, key: SealKey(bytes: Array(repeating: 8, count: 32)))
            }
            #expect(error?.description.contains("seal key") == true)
            #expect(error?.description.contains("\n") == false)
        }
    }

    @Test func aNewerSchemaIsRefused() async throws {
        try await TemporarySQLite.inFolder { path in
            _ = try TemporarySQLite.open(path)
            let queue = try DatabaseQueue(path: path)
            try await queue.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 of the future')")
            }
            let error = #expect(throws: SQLiteStore.OpenFault.self) { try TemporarySQLite.open(path) }
            #expect(error?.description.contains("newer version") == true)
        }
    }

    @Test func aFileThatIsNoStoreIsRefusedAndKept() async throws {
        try await TemporarySQLite.inFolder { path in
            let text = Data(String(repeating: "not a store\n", count: 500).utf8)
            try text.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: SQLiteStore.OpenFault.self) { try TemporarySQLite.open(path) }
            #expect(error?.description.contains("not a store") == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
        }
    }

    @Test func anotherProcessIsSeenBySignsWithinASecond() async throws {
        try await TemporarySQLite.inFolder { path in
            let (here, there) = (try TemporarySQLite.open(path), try TemporarySQLite.open(path))
            let directory = Directory(
                store: here, sealing: TemporarySQLite.key, judging: OpenSeal(), clock: { MadeUp.time }, report: { _ in }
            )
            try await directory.start()
            let following = Task { await directory.follow() }
            _ = try await there.commit(MadeUp.change([MadeUp.cluster()], [MadeUp.user("a", uid: 1)]))
            let clock = ContinuousClock()
            let start = clock.now
            while directory.snapshot.userCount == 0, clock.now - start < .seconds(10) { await Task.yield() }
            #expect(directory.snapshot.userCount == 1)
            following.cancel()
            await following.value
        }
    }

    @Test func aLargeChangeIsToldAsAReload() async throws {
        try await TemporarySQLite.use { store in
            let users = (UInt32(1)...20_001).map { MadeUp.user("u\($0)", uid: $0) }
            _ = try await store.commit(MadeUp.change([MadeUp.cluster()], users))
            #expect(try await store.changes(since: .none) == nil)
            #expect(try await store.changes(since: Revision(1))?.users.isEmpty == true)
        }
    }

    @Test func secretsAreSealedInTheFile() async throws {
        try await TemporarySQLite.inFolder { path in
            let store = try TemporarySQLite.open(path)
            let secret = "a-secret-that-must-not-be-found"
            var change = MadeUp.change()
            change.keys = [
                AccessKey(
                    id: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), principal: .reader(nil),
                    secret: try TemporarySQLite.key.seal(Array(secret.utf8), of: "AAAAAAAAAAAAAAAAAAAA"),
                    createTime: MadeUp.time)
            ]
            _ = try await store.commit(change)
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let bytes = try Data(contentsOf: folder.appendingPathComponent(name))
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "in \(name)")
            }
        }
    }

    /// How somebody who can write the file may change the log, and how it shows.
    private static let tamperings = [
        "UPDATE operations SET message = 'nothing happened' WHERE sequence = 2",
        "UPDATE operations SET owner = 'usr-other' WHERE sequence = 3",
        "UPDATE operations SET error = NULL, status = 'successful' WHERE sequence = 3",
        "UPDATE operations SET time = time - 1 WHERE sequence = 1",
        "DELETE FROM operations WHERE sequence = 2",
        "DELETE FROM operations WHERE sequence = 4",
        "UPDATE operations SET sequence = 9 WHERE sequence = 4",
        "UPDATE operations SET code = zeroblob(32) WHERE sequence = 4",
    ].map { $0.replacing("error = NULL, ", with: "") }

    @Test(arguments: tamperings)
    func aLogThatWasTamperedWithShows(statement: String) async throws {
        try await TemporarySQLite.inFolder { path in
            let store = try TemporarySQLite.open(path)
            for status in [OperationEvent.Status.pending, .successful, .failed, .successful] {
                var change = MadeUp.change()
                var event = MadeUp.event()
                event.status = status
                change.events = [event]
                _ = try await store.commit(change)
            }
            func walk(expecting head: ChainHead? = nil) async throws -> ChainHead {
                var walk = ChainWalk(chaining: TemporarySQLite.key, expected: head)
                for event in try await store.events(after: 0, limit: 100) { try walk.step(event) }
                try walk.finish()
                return walk.head
            }
            let head = try await walk()
            try await DatabaseQueue(path: path).write { db in try db.execute(sql: statement) }
            await #expect(throws: ChainWalk.Break.self) { try await walk(expecting: head) }
        }
    }

    /// SQLite rolls the whole transaction back by itself after some failures, of the disk for instance. A trigger does so here.
    @Test func whereAGroupBreaksNobodyIsToldThatItIsCommitted() async throws {
        try await TemporarySQLite.inFolder { path in
            let store = try TemporarySQLite.open(path)
            let cluster = MadeUp.cluster()
            _ = try await store.commit(MadeUp.change([cluster], [MadeUp.user("first", uid: 1)]))
            try await DatabaseQueue(path: path).write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER breaks BEFORE INSERT ON users WHEN new.username LIKE 'bad%'
                        BEGIN SELECT RAISE(ROLLBACK, 'the disk is gone'); END
                        """)
            }
            let outcomes = await withTaskGroup(of: (String, Result<Revision, StoreFailure>).self) { group in
                for number in UInt32(0)..<200 {
                    // Some are refused for a reason of their own, which may lie in the group that breaks.
                    let name =
                        switch number % 40 {
                        case 5: "bad\(number)"
                        case 7: "first"
                        default: "n\(number)"
                        }
                    group.addTask {
                        let change = MadeUp.change([], [MadeUp.user(name, uid: 100 + number)])
                        do throws(StoreFailure) {
                            return (name, .success(try await store.commit(change)))
                        } catch {
                            return (name, .failure(error))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let image = try await store.load { _ in }
            var committed: [String: Revision] = [:]
            for (name, outcome) in outcomes {
                if case .success(let revision) = outcome { committed[name] = revision }
                if name.hasPrefix("bad"), case .success = outcome { Issue.record("\(name) was committed") }
            }
            committed["first"] = Revision(1)
            #expect(Dictionary(uniqueKeysWithValues: image.users.map { ($0.username.text, $0.revision) }) == committed)
            #expect(committed.values.sorted() == (1...Int64(committed.count)).map { Revision($0) })
            #expect(image.revision == Revision(Int64(committed.count)))
            // The store goes on.
            #expect(try await store.commit(MadeUp.change([], [MadeUp.user("last", uid: 9)])) == image.revision.next)
        }
    }

    @Test func aFullRangeGivesItsGapsAndThenNoMore() async throws {
        try await TemporarySQLite.use { store in
            let cluster = MadeUp.cluster()
            let range: ClosedRange<UInt32> = 100...199
            // Every number but three, the last one too.
            let gaps: Set<UInt32> = [120, 121, 150]
            _ = try await store.commit(
                MadeUp.change([cluster], range.filter { !gaps.contains($0) }.map { MadeUp.user("u\($0)", uid: $0) }))
            func add(_ name: String) async throws {
                var change = MadeUp.change()
                var user = MadeUp.user(name, uid: 0)
                user.id = .make()
                change.unnumberedUsers = [.init(user: user, range: range)]
                _ = try await store.commit(change)
            }
            try await add("a")
            // A change that is undone gives its number back.
            await #expect(throws: StoreFailure.self) { try await add("u100") }
            try await add("b")
            await #expect(throws: StoreFailure.self) { try await add("A") }
            try await add("c")
            for _ in 0..<2 {
                await #expect(throws: StoreFailure.noNumberLeft(in: range, of: cluster.id)) { try await add("d") }
            }
            let users = try await store.load { _ in }.users
            #expect(
                ["a", "b", "c"].map { name in users.first { $0.username.text == name }?.uidNumber } == [120, 121, 150])
        }
    }
}
