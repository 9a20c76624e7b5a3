import RosterDirectory
import RosterModel
import RosterSQLite
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// A change of very many users may be written in another way than a small one; what comes of it is the same.
@Suite(.timeLimit(.minutes(5))) struct LargeChangeTests {
    private let cluster = Fixtures.cluster()
    /// More than a store writes among other changes.
    private static let count: UInt32 = 1500

    private func users(_ edit: (inout [User]) -> Void = { _ in }) -> [User] {
        // Neither in the order of their numbers nor of one cluster.
        var users = (1...Self.count).map { number in
            Fixtures.user(
                "u\(number)", uid: 1 + number * 7919 % 100_003,
                cluster: number % 3 == 0 ? cluster : Fixtures.cluster("other000"))
        }
        for index in users.indices { users[index].id = HPCUserID(stored: "hpcuser-\(index)") }
        edit(&users)
        return users
    }

    private func change(_ users: [User]) -> Change {
        var change = Fixtures.change([cluster, Fixtures.cluster("other000")], users)
        change.events = [Fixtures.event()]
        return change
    }

    /// Numbers, names and times of everything that was given.
    private func ledger(_ store: any DirectoryStore) async throws -> [IDAllocation] {
        try await store.ledger(of: cluster.id) + store.ledger(of: Fixtures.cluster("other000").id)
    }

    @Test func everyStoreMakesTheSameOfIt() async throws {
        var ledgers: [[IDAllocation]] = []
        for kind in Kind.allCases {
            try await withStore(kind) { store in
                _ = try await store.commit(change(users()))
                let contents = try await store.load { _ in }
                #expect(contents.users.count == Int(Self.count))
                #expect(contents.users.allSatisfy { $0.revision == Revision(1) })
                var again = users { users in
                    for index in users.indices { users[index].gecos = "again" }
                }
                _ = try await store.commit(change(again))
                for index in again.indices { again[index].revision = Revision(2) }
                #expect(try await store.load { _ in }.users.sorted { $0.id < $1.id } == again.sorted { $0.id < $1.id })
                // What keeps names and numbers apart is there again.
                for twin in [
                    Fixtures.user("U300", uid: 7, cluster: cluster), Fixtures.user("new", uid: again[2].uidNumber),
                ] {
                    await #expect(throws: StoreError.self) { try await store.commit(Fixtures.change([], [twin])) }
                }
                ledgers.append(try await ledger(store))
            }
        }
        #expect(ledgers.allSatisfy { $0 == ledgers[0] })
        #expect(ledgers[0].count == Int(Self.count) + 2)
    }

    /// So many at once are more than a delta holds: a server that follows loads everything anew.
    @Test(.timeLimit(.minutes(5)), arguments: [Kind.sqlite, .postgres])
    func aServerThatFollowsLoadsAnewWhereClustersAreEmpty(kind: Kind) async throws {
        try await withStore(kind) { store in
            let directory = Directory(
                store: store, sealing: TemporarySQLite.key, verifying: PlaintextSealing(), clock: { Fixtures.time },
                report: { _ in })
            try await directory.start()
            // As the manual begins: a cluster without users, and the users of another.
            try await directory.commit(Fixtures.change([Fixtures.cluster("aaaa0000"), Fixtures.cluster("zzzz0000")]))
            let users = (1...UInt32(20_001)).map { Fixtures.user("u\($0)", uid: $0, cluster: cluster) }
            let revision = try await store.commit(Fixtures.change([cluster], users))
            await directory.refresh()
            let snapshot = directory.snapshot
            #expect(snapshot.revision == revision)
            #expect(snapshot.userCount == users.count && snapshot.userCount(of: cluster.id) == users.count)
            #expect(snapshot.user(named: "u20001", in: cluster.id)?.uidNumber == 20_001)
            // And goes on from there in the cluster that was empty.
            try await directory.commit(
                Fixtures.change([], [Fixtures.user("a", uid: 1, cluster: Fixtures.cluster("aaaa0000"))]))
            #expect(directory.snapshot.userCount(of: Fixtures.cluster("aaaa0000").id) == 1)
        }
    }

    /// The tables refuse it, though a large change may be written with their foreign keys off.
    @Test(arguments: [Kind.sqlite, .postgres])
    func aMemberThatIsNoUserRefusesAllOfIt(kind: Kind) async throws {
        try await withStore(kind) { store in
            var change = change(users())
            change.groups = [
                Group(
                    cluster: cluster.id, name: "a", gidNumber: 20, isPrimary: false,
                    members: [change.users[0].id, HPCUserID(stored: "hpcuser-nobody")])
            ]
            await #expect(throws: StoreError.self) { try await store.commit(change) }
            let contents = try await store.load { _ in }
            #expect(contents.revision == .none)
            change.groups[0].members.removeLast()
            #expect(try await store.commit(change) == Revision(1))
        }
    }

    @Test(arguments: Kind.allCases)
    func aTwinRefusesAllOfIt(kind: Kind) async throws {
        let last = Int(Self.count) - 1
        let name = users {
            $0[last].username = Username(stored: "U3")
            $0[last].cluster = cluster.id
        }
        let number = users {
            $0[last].uidNumber = $0[2].uidNumber
            $0[last].cluster = cluster.id
        }
        let nowhere = users { $0[700].cluster = ClusterID(stored: "hpc-none") }
        for (users, failure) in [
            (name, StoreError.nameTaken(Username(stored: "U3"), in: cluster.id)),
            (number, .numberTaken(number[2].uidNumber, holder: "u3", from: Fixtures.time, until: nil)),
            (nowhere, .noSuchCluster(ClusterID(stored: "hpc-none"))),
        ] {
            try await withStore(kind) { store in
                await #expect(throws: failure) { try await store.commit(change(users)) }
                let contents = try await store.load { _ in }
                #expect(contents.users.isEmpty && contents.clusters.isEmpty && contents.revision == .none)
                #expect(try await ledger(store).isEmpty)
                #expect(try await store.events(after: 0, limit: 1).isEmpty)
                // The store takes others as before.
                #expect(try await store.commit(change(self.users())) == Revision(1))
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func itKeepsTheRulesOfThoseWhoAreThere(kind: Kind) async throws {
        try await withStore(kind) { store in
            let users = users()
            var gone = users[2]
            gone.id = HPCUserID(stored: "hpcuser-gone")
            var present = users[5]
            _ = try await store.commit(Fixtures.change([cluster], [gone, present]))
            _ = try await store.commit(Fixtures.change(removing: [gone.id]))
            await #expect(
                throws: StoreError.numberTaken(
                    gone.uidNumber, holder: gone.username.text, from: Fixtures.time, until: Fixtures.time)
            ) { try await store.commit(change(users)) }
            // One who is there among the many is replaced.
            _ = try await store.commit(change(users.filter { $0.id != users[2].id }))
            let contents = try await store.load { _ in }
            #expect(contents.users.count == users.count - 1)
            present.revision = Revision(3)
            #expect(contents.users.first { $0.id == present.id } == present)
        }
    }

    @Test(arguments: Kind.allCases)
    func thatOneUserStandsInItTwiceIsNoTwin(kind: Kind) async throws {
        try await withStore(kind) { store in
            var users = users()
            users[9] = users[8]
            users[9].gecos = "the last word"
            _ = try await store.commit(change(users))
            let contents = try await store.load { _ in }
            #expect(contents.users.count == users.count - 1)
            #expect(contents.users.first { $0.id == users[8].id }?.gecos == "the last word")
        }
    }
}
