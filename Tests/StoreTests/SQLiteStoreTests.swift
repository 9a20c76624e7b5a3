import Foundation
import GRDB
import RosterCredentials
import RosterModel
import RosterSQLite
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@testable import RosterDirectory

/// What only the embedded store must do.
@Suite(.timeLimit(.minutes(5))) struct SQLiteStoreTests {
    @Test func keepsEverythingAcrossAnOpening() async throws {
        try await TemporarySQLite.inFolder { path in
            do {
                let store = try TemporarySQLite.open(path)
                _ = try await store.commit(Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
            }
            let contents = try await TemporarySQLite.open(path).load { _ in }
            #expect(contents.revision == Revision(1))
            #expect(contents.users.map(\.username.text) == ["a"])
        }
    }

    @Test func anotherSealKeyIsNoticedAtTheOpening() async throws {
        try await TemporarySQLite.inFolder { path in
            _ = try TemporarySQLite.open(path)
            let error = #expect(throws: SQLiteStore.OpenError.self) {
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
            let error = #expect(throws: SQLiteStore.OpenError.self) { try TemporarySQLite.open(path) }
            #expect(error?.description.contains("newer version") == true)
        }
    }

    @Test func aFileThatIsNoStoreIsRefusedAndKept() async throws {
        try await TemporarySQLite.inFolder { path in
            let text = Data(String(repeating: "not a store\n", count: 500).utf8)
            try text.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: SQLiteStore.OpenError.self) { try TemporarySQLite.open(path) }
            #expect(error?.description.contains("not a store") == true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
        }
    }

    @Test(.timeLimit(.minutes(2))) func anotherProcessIsSeenBySigns() async throws {
        try await TemporarySQLite.inFolder { path in
            let (here, there) = (try TemporarySQLite.open(path), try TemporarySQLite.open(path))
            let directory = Directory(
                store: here, sealing: TemporarySQLite.key, verifying: PlaintextSealing(), clock: { Fixtures.time },
                report: { _ in }
            )
            try await directory.start()
            let following = Task { await directory.follow() }
            let revision = try await there.commit(
                Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
            // Without a look at the store of its own.
            let end = await directory.waiters.wait(
                for: revision, atMost: .seconds(600), isPublished: { directory.snapshot.revision >= revision })
            #expect(end == .published)
            #expect(directory.snapshot.userCount == 1)
            following.cancel()
            await following.value
        }
    }

    @Test func aLargeChangeIsToldAsAReload() async throws {
        try await TemporarySQLite.use { store in
            let users = (UInt32(1)...20_001).map { Fixtures.user("u\($0)", uid: $0) }
            _ = try await store.commit(Fixtures.change([Fixtures.cluster()], users))
            #expect(try await store.changes(since: .none) == nil)
            #expect(try await store.changes(since: Revision(1))?.users.isEmpty == true)
        }
    }

    @Test func secretsAreSealedInTheFile() async throws {
        try await TemporarySQLite.inFolder { path in
            let store = try TemporarySQLite.open(path)
            let secret = "a-secret-that-must-not-be-found"
            var change = Fixtures.change()
            change.keys = [
                AccessKey(
                    id: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), principal: .reader(nil),
                    secret: try TemporarySQLite.key.seal(Array(secret.utf8), of: "AAAAAAAAAAAAAAAAAAAA"),
                    createTime: Fixtures.time)
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
                var change = Fixtures.change()
                var event = Fixtures.event()
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
            await #expect(throws: ChainWalk.ChainError.self) { try await walk(expecting: head) }
        }
    }

    /// SQLite rolls the whole transaction back by itself after some failures, of the disk for instance. A trigger does so here.
    @Test func whereAGroupBreaksNobodyIsToldThatItIsCommitted() async throws {
        try await TemporarySQLite.inFolder { path in
            let store = try TemporarySQLite.open(path)
            let cluster = Fixtures.cluster()
            _ = try await store.commit(Fixtures.change([cluster], [Fixtures.user("first", uid: 1)]))
            try await DatabaseQueue(path: path).write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER breaks BEFORE INSERT ON users WHEN new.username LIKE 'bad%'
                        BEGIN SELECT RAISE(ROLLBACK, 'the disk is gone'); END
                        """)
            }
            let outcomes = await withTaskGroup(of: (String, Result<Revision, StoreError>).self) { group in
                for number in UInt32(0)..<200 {
                    // Some are refused for a reason of their own, which may lie in the group that breaks.
                    let name =
                        switch number % 40 {
                        case 5: "bad\(number)"
                        case 7: "first"
                        default: "n\(number)"
                        }
                    group.addTask {
                        let change = Fixtures.change([], [Fixtures.user(name, uid: 100 + number)])
                        do throws(StoreError) {
                            return (name, .success(try await store.commit(change)))
                        } catch {
                            return (name, .failure(error))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let contents = try await store.load { _ in }
            var committed: [String: Revision] = [:]
            for (name, outcome) in outcomes {
                if case .success(let revision) = outcome { committed[name] = revision }
                if name.hasPrefix("bad"), case .success = outcome { Issue.record("\(name) was committed") }
            }
            committed["first"] = Revision(1)
            #expect(
                Dictionary(uniqueKeysWithValues: contents.users.map { ($0.username.text, $0.revision) }) == committed)
            #expect(committed.values.sorted() == (1...Int64(committed.count)).map { Revision($0) })
            #expect(contents.revision == Revision(Int64(committed.count)))
            // The store goes on.
            #expect(
                try await store.commit(Fixtures.change([], [Fixtures.user("last", uid: 9)])) == contents.revision.next)
        }
    }

    @Test func aFullRangeGivesItsGapsAndThenNoMore() async throws {
        try await TemporarySQLite.use { store in
            let cluster = Fixtures.cluster()
            let range: ClosedRange<UInt32> = 100...199
            // Every number but three, the last one too.
            let gaps: Set<UInt32> = [120, 121, 150]
            _ = try await store.commit(
                Fixtures.change([cluster], range.filter { !gaps.contains($0) }.map { Fixtures.user("u\($0)", uid: $0) })
            )
            func add(_ name: String) async throws {
                var change = Fixtures.change()
                var user = Fixtures.user(name, uid: 0)
                user.id = .make()
                change.unnumberedUsers = [.init(user: user, range: range)]
                _ = try await store.commit(change)
            }
            try await add("a")
            // A change that is undone gives its number back.
            await #expect(throws: StoreError.self) { try await add("u100") }
            try await add("b")
            await #expect(throws: StoreError.self) { try await add("A") }
            try await add("c")
            for _ in 0..<2 {
                await #expect(throws: StoreError.noNumberLeft(in: range, of: cluster.id)) { try await add("d") }
            }
            let users = try await store.load { _ in }.users
            #expect(
                ["a", "b", "c"].map { name in users.first { $0.username.text == name }?.uidNumber } == [120, 121, 150])
        }
    }

    @Test func aServerNoticesThatItsStoreWasPutBack() async throws {
        try await TemporarySQLite.inFolder { path in
            let directory = Directory(
                store: try TemporarySQLite.open(path), sealing: PlaintextSealing(), verifying: PlaintextSealing(),
                clock: { Fixtures.time }, report: { _ in })
            try await directory.start()
            try await directory.commit(Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
            let backup = path + ".backup"
            let copy = try DatabaseQueue(path: backup)
            let live = try DatabaseQueue(path: path)
            try live.backup(to: copy)
            try await directory.commit(Fixtures.change([], [Fixtures.user("lost", uid: 2)]))
            try await directory.commit(Fixtures.change([], [Fixtures.user("also", uid: 3)]))
            // As `.restore` of the sqlite3 program does below a running server.
            try copy.backup(to: live)
            await directory.refresh()
            #expect(directory.snapshot.revision == Revision(1))
            #expect(directory.snapshot.userCount == 1)
            // What is committed from now on is published.
            try await directory.commit(Fixtures.change([], [Fixtures.user("new", uid: 4)]))
            #expect(directory.snapshot.user(named: "new", in: Fixtures.cluster().id) != nil)
            #expect(directory.snapshot.user(named: "lost", in: Fixtures.cluster().id) == nil)
        }
    }

    @Test func aConstraintOfTheDatabaseRefusesTheChangeAndNotTheStore() async throws {
        try await TemporarySQLite.inFolder { path in
            let store = try TemporarySQLite.open(path)
            _ = try await store.commit(Fixtures.change([Fixtures.cluster()], [Fixtures.user("a", uid: 1)]))
            try await DatabaseQueue(path: path).write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER refuse BEFORE INSERT ON users WHEN NEW.gecos = 'refused'
                        BEGIN SELECT RAISE(ABORT, 'not this one'); END
                        """)
            }
            var user = Fixtures.user("b", uid: 2)
            user.gecos = "refused"
            let error = await #expect(throws: StoreError.self) { try await store.commit(Fixtures.change([], [user])) }
            guard case .conflict(let reason) = error else {
                Issue.record("\(String(describing: error)) is not a conflict")
                return
            }
            #expect(reason.code == .internalError)
            #expect(!reason.message.contains("not this one"))
            #expect(try await store.commit(Fixtures.change([], [Fixtures.user("c", uid: 3)])) == Revision(2))
        }
    }
}
