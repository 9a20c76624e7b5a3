import RosterCredentials
import RosterModel
import RosterPostgres
import RosterSQLite
import RosterStore
import RosterTesting
import Synchronization
import Testing

/// A directory that is copied from one store to another is the same one.
@Suite(.timeLimit(.minutes(5))) struct CopyTests {
    private let cluster = Fixtures.cluster()

    /// Fills `store` with something of every kind, some of it removed again.
    private func fill(_ store: any DirectoryStore) async throws {
        var users = (UInt32(1)...30).map { Fixtures.user("u\($0)", uid: $0) }
        users[3].mode = FileMode(bits: 0o700)
        users[3].expires = Timestamp(seconds: 4_000_000_000)
        users[4].state = .locked
        users[5].password = PasswordHash(stored: "$y$j9T$x$y")
        users[5].passwordTime = Fixtures.time
        users[8].password = PasswordHash(stored: "$y$j9T$of$the-deleted")
        users[6].gecos = "张, é \"'"
        users[6].attributes[.mail] = [Array("zhang@example.org".utf8), Array("z@example.org".utf8)]
        users[6].attributes[.photo] = [[0xFF, 0xD8, 0xFF, 0, 10, 13]]
        var change = Fixtures.change([cluster, Fixtures.cluster("other000")], users)
        change.keys = [Fixtures.key()]
        change.groups = [
            Group(cluster: cluster.id, name: "own", gidNumber: 10_000, isPrimary: true),
            Group(cluster: cluster.id, name: "gone", gidNumber: 20, isPrimary: false, members: [users[1].id]),
            Group(cluster: cluster.id, name: "kept", gidNumber: 21, isPrimary: false, members: users[7...9].map(\.id)),
        ]
        change.mapEntries = ["ou=sudoers", "cn=张 \\+,ou=sudoers", "cn=gone,ou=sudoers"].map { Fixtures.mapEntry($0) }
        change.events = [Fixtures.event("A"), Fixtures.event("B")]
        _ = try await store.commit(change)
        var next = Fixtures.change(removing: [users[0].id, users[8].id])
        next.removedGroups = [.init(cluster: cluster.id, gidNumber: 20)]
        next.removedMapEntries = [Fixtures.mapEntry("cn=gone,ou=sudoers").key]
        next.events = [Fixtures.event("C")]
        next.request = IdempotencyRecord(
            digest: [1, 2, 3], expires: Timestamp(seconds: Fixtures.time.seconds + 60), outcome: .done(.make()))
        _ = try await store.commit(next)
        next = Fixtures.change()
        next.request = IdempotencyRecord(
            digest: [4], expires: Timestamp(seconds: Fixtures.time.seconds + 60),
            outcome: .refused(RosterError(.noSuchUser, "username: no user x")))
        _ = try await store.commit(next)
        try await store.record([Self.login(of: users[1], .success), Self.login(of: users[0], .failure)])
    }

    private static func login(of user: User, _ outcome: LoginRecord.Outcome) -> LoginRecord {
        LoginRecord(of: user.id, outcome, at: Timestamp(seconds: Fixtures.time.seconds + 7), over: .http)
    }

    private func sum(_ store: any CopyableStore) async throws -> ContentSum {
        let shared = Shared()
        try await store.export(
            to: RecordObserver { record in
                if let bytes = record.canonicalBytes { shared.sum.withLock { $0.add(bytes) } }
            })
        return shared.sum.withLock { $0 }
    }

    private final class Shared: Sendable {
        let sum = Mutex(ContentSum())
    }

    private func copy(_ source: any CopyableStore, to target: any CopyableStore) async throws {
        let channel = BoundedChannel { _ in }
        let reading = Task { try await source.export(to: channel) }
        let writing = Task { try await target.restore(from: channel) }
        let results = (await reading.result, await writing.result)
        try results.1.get()
        try results.0.get()
    }

    @Test func everyKindOfRecordGoesThereAndBack() async throws {
        try await TemporarySQLite.use { first in
            try await fill(first)
            try await TemporaryPostgres.use { second in
                try await copy(first, to: second)
                try await TemporarySQLite.use { third in
                    try await copy(second, to: third)
                    let gone = try await third.deletedUsers(named: "u9", id: nil, in: cluster.id, limit: 1).first
                    #expect(gone?.record?.password?.text == "$y$j9T$of$the-deleted")
                    #expect(gone?.groupNames == [21: "kept"])
                    let (before, after) = (try await first.logins(since: nil), try await third.logins(since: nil))
                    #expect(after.since == before.since)
                    #expect(before.logins.count == 2 && Set(after.logins) == Set(before.logins))
                    let sums = [try await sum(first), try await sum(second), try await sum(third)]
                    #expect(sums[0].count > 60)
                    #expect(sums[1] == sums[0])
                    #expect(sums[2] == sums[0])
                    // All of them go on from where the first one was.
                    for store in [first, second, third] as [any DirectoryStore] {
                        #expect(
                            try await store.commit(Fixtures.change([], [Fixtures.user("new", uid: 99)])) == Revision(4))
                        // The uid of one who is gone is still his.
                        var twin = Fixtures.user("twin", uid: 1)
                        twin.id = HPCUserID(stored: "hpcuser-twin")
                        await #expect(throws: StoreError.self) { try await store.commit(Fixtures.change([], [twin])) }
                        let walk = try await store.walkLog(chaining: TemporarySQLite.key, expecting: nil)
                        #expect(try walk.get().sequence == 3)
                    }
                }
            }
        }
    }

    @Test(arguments: [Kind.sqlite, .postgres])
    func theNameOfARemovedGroupMayBeAnotherOnes(kind: Kind) async throws {
        try await withStore(kind) { target in
            try await TemporaryPostgres.use { source in
                var change = Fixtures.change([cluster])
                change.groups = [Group(cluster: cluster.id, name: "optics", gidNumber: 20, isPrimary: false)]
                _ = try await source.commit(change)
                var next = Fixtures.change()
                next.removedGroups = [.init(cluster: cluster.id, gidNumber: 20)]
                next.addedGroups = [
                    .init(
                        group: Group(cluster: cluster.id, name: "optics", gidNumber: 21, isPrimary: false), range: nil)
                ]
                _ = try await source.commit(next)
                let target = try #require(target as? any CopyableStore)
                try await copy(source, to: target)
                #expect(try await sum(target) == sum(source))
            }
        }
    }

    @Test func aStoreThatHoldsSomethingIsNotFilled() async throws {
        try await TemporarySQLite.use { first in
            try await fill(first)
            let before = try await sum(first)
            try await TemporaryPostgres.use { second in
                _ = try await second.commit(Fixtures.change([cluster]))
                await #expect(throws: StoreError.notEmpty) { try await copy(first, to: second) }
                await #expect(throws: StoreError.notEmpty) { try await copy(second, to: first) }
                #expect(try await sum(second).count == 2)
            }
            #expect(try await sum(first) == before)
        }
    }

    @Test func loginsAreNotCountedInTheChecksum() async throws {
        try await TemporarySQLite.use { store in
            try await fill(store)
            let before = try await sum(store)
            try await store.record([Self.login(of: Fixtures.user("u9", uid: 9), .success)])
            #expect(try await sum(store) == before)
        }
    }

    @Test(arguments: [Kind.sqlite, .postgres])
    func aSourceThatFailsLeavesTheTargetEmpty(kind: Kind) async throws {
        try await withStore(kind) { store in
            let target = try #require(store as? any CopyableStore)
            let channel = BoundedChannel { _ in }
            let writing = Task { try await target.restore(from: channel) }
            _ = channel.send(.revision(Revision(7)))
            _ = channel.send(.cluster(cluster))
            channel.cancel()
            await #expect(throws: StoreError.self) { try await writing.value }
            #expect(try await sum(target).count == 1)
            #expect(try await target.commit(Fixtures.change([cluster])) == Revision(1))
        }
    }

    @Test func theChecksumSeesEveryField() {
        func sum(_ records: [StoreRecord]) -> ContentSum {
            var sum = ContentSum()
            for bytes in records.compactMap(\.canonicalBytes) { sum.add(bytes) }
            return sum
        }
        let user = Fixtures.user("a", uid: 1)
        let whole: [StoreRecord] = [.revision(Revision(1)), .user(user, removed: nil)]
        #expect(sum(whole) == sum(whole.reversed()))
        var other = user
        other.gecos = "b"
        let record = DeletionRecord(user: user.id, time: Fixtures.time, password: nil, groups: [1, 2])
        let others = [
            DeletionRecord(user: user.id, time: Fixtures.time, password: nil, groups: [12]),
            DeletionRecord(user: user.id, time: Fixtures.time, password: PasswordHash(stored: ""), groups: [1, 2]),
            DeletionRecord(user: user.id, time: Timestamp(seconds: 0), password: nil, groups: [1, 2]),
        ]
        for changed in others { #expect(sum([.deletion(changed)]) != sum([.deletion(record)])) }
        for changed: [StoreRecord] in [
            [.revision(Revision(2)), whole[1]], [whole[0], .user(other, removed: nil)],
            [whole[0], .user(user, removed: Fixtures.time)], [whole[0]], whole + [whole[1]],
        ] { #expect(sum(changed) != sum(whole)) }
    }
}
