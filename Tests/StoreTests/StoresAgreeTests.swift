import RosterModel
import RosterPostgres
import RosterSQLite
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// Random changes mean the same to every store, refused ones too, one by one and many at once.
@Suite(.timeLimit(.minutes(5))) struct StoresAgreeTests {
    /// Two with users, and others that are made later or never get one.
    private static let clusters = ["qig9xu97", "other000", "empty000", "later000", "a0000000"].map {
        Fixtures.cluster($0)
    }

    /// Makes changes that often meet each other: few names, few numbers, few groups.
    private struct Changes {
        var random: SeededGenerator
        var made = 0

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

        mutating func pick(_ range: ClosedRange<UInt32>) -> UInt32 { UInt32.random(in: range, using: &random) }

        mutating func user() -> User {
            let number = pick(1...25)
            // Those who may be members stay in their cluster; others move now and then.
            let cluster = StoresAgreeTests.clusters[number > 18 && !chance(20) ? 1 : 0]
            let name = (chance(50) ? "U" : "u") + String(pick(1...30))
            var user = Fixtures.user(name, uid: chance(80) ? number : pick(1...30), cluster: cluster)
            user.id = HPCUserID(stored: "hpcuser-\(number)")
            user.gidNumber = pick(10_000...10_003)
            user.gecos = "change \(made)"
            return user
        }

        mutating func group() -> Group {
            let number = pick(10_001...10_008)
            // The last cluster is never made.
            let cluster = StoresAgreeTests.clusters[number > 10_006 ? (chance(10) ? 3 : 1) : 0]
            // Users that were never there would be refused by the tables alone: the first change makes all of them.
            let members = Set((0..<Int(pick(0...4))).map { _ in HPCUserID(stored: "hpcuser-\(pick(1...18))") })
            return Group(
                cluster: cluster.id, name: (chance(50) ? "G" : "g") + String(pick(1...6)), gidNumber: number,
                isPrimary: false, members: cluster.id == StoresAgreeTests.clusters[0].id ? members.sorted() : [])
        }

        mutating func mapEntry() -> MapEntry {
            // The last cluster is never made.
            let cluster = StoresAgreeTests.clusters[chance(5) ? 3 : Int(pick(0...1))]
            let place = chance(20) ? "ou=sudoers" : "cn=\(chance(50) ? "R" : "r")\(pick(1...5)),ou=sudoers"
            return Fixtures.mapEntry(place, cluster: cluster, user: "change \(made)")
        }

        mutating func next(at revision: Revision) -> Change {
            made += 1
            var change = Change(time: Timestamp(seconds: Fixtures.time.seconds + Int64(made)))
            for _ in 0..<pick(0...2) { change.users.append(user()) }
            if chance(30) { change.removedUsers = [HPCUserID(stored: "hpcuser-\(pick(1...25))")] }
            if chance(20) {
                var user = user()
                user.id = HPCUserID(stored: "hpcuser-new\(made)")
                user.username = Username(stored: "n\(pick(1...60))")
                change.unnumberedUsers = [.init(user: user, range: 20...(chance(50) ? 34 : 400))]
                if chance(50) { change.newIDs = [user.id] }
            }
            if chance(10) { change.newIDs.insert(HPCUserID(stored: "hpcuser-\(pick(1...30))")) }
            // Two may exchange their names.
            if chance(30) { change.groups = chance(30) ? [group(), group()] : [group()] }
            if chance(15) { change.removedGroups = [group().key] }
            if chance(30) {
                change.mapEntries = [mapEntry(), mapEntry()]
                if chance(20) { change.removedMapEntries = [mapEntry().key] }
            }
            if chance(10) { change.removedMapEntries.append(mapEntry().key) }
            if chance(20) {
                change.addedGroups = [.init(group: group(), range: chance(70) ? 10_003...10_012 : nil)]
            }
            if chance(25) {
                var expected = Preconditions(at: Revision(max(0, revision.number - Int64(pick(0...3)))))
                if chance(50) { expected.users = [HPCUserID(stored: "hpcuser-\(pick(1...25))")] }
                if chance(30) { expected.groups = [group().key] }
                if chance(20) { expected.mapEntries = [mapEntry().key] }
                if chance(20) { expected.clusters = [StoresAgreeTests.clusters[1].id] }
                if chance(20) { expected.missingClusters = [ClusterID(stored: "hpc-none")] }
                if chance(30) { expected.inhabitedClusters = [StoresAgreeTests.clusters[1].id] }
                change.preconditions = expected
            }
            if chance(20) {
                change.request = IdempotencyRecord(
                    digest: [UInt8(pick(1...20))],
                    expires: Timestamp(seconds: change.time.seconds + Int64(pick(1...900))), outcome: .done(nil))
            }
            if chance(8) {
                var cluster = StoresAgreeTests.clusters[Int(pick(1...4))]
                cluster.zone = Zone(stored: "zone\(pick(1...2))")
                cluster.description = "change \(made)"
                change.clusters = [cluster]
            }
            if chance(30) { change.events = [Fixtures.event("A\(made)"), Fixtures.event("B\(made)")] }
            return change
        }

        /// Makes everybody who may become a member.
        func first() -> Change {
            var change = Fixtures.change(
                Array(StoresAgreeTests.clusters[..<3]),
                (UInt32(1)...18).map { number in
                    var user = Fixtures.user("u\(number)", uid: number)
                    user.id = HPCUserID(stored: "hpcuser-\(number)")
                    return user
                })
            change.events = [Fixtures.event()]
            return change
        }
    }

    private func commit(_ change: Change, to store: any DirectoryStore) async -> Result<Revision, StoreError> {
        do throws(StoreError) {
            return .success(try await store.commit(change))
        } catch {
            return .failure(error)
        }
    }

    /// Everything that is in a store, in an order of its own.
    private func content(_ store: any DirectoryStore) async throws -> [String] {
        let contents = try await store.load { _ in }
        var lines = ["\(contents.revision)"]
        lines += contents.users.sorted { $0.id < $1.id }.map { "\($0)" }
        lines += contents.clusters.sorted { $0.id < $1.id }.map { "\($0)" }
        lines += contents.groups.map { group in
            var group = group
            group.members.sort()
            return "\(group)"
        }.sorted()
        lines += contents.mapEntries.sorted { ($0.cluster, $0.place.key) < ($1.cluster, $1.place.key) }
            .map { "\($0.key) \($0.place.text) \($0.attributes.text) \($0.revision)" }
        for cluster in Self.clusters { lines += try await store.ledger(of: cluster.id).map { "\($0)" } }
        lines += try await store.events(after: 0, limit: 100_000).map { "\($0.sequence) \($0.event.action) \($0.code)" }
        let basis = try await store.importBasis(for: Set(Self.clusters.map(\.id)), ids: [])
        lines += basis.tombstones.map { "gone \($0.user) \($0.time)" }.sorted()
        lines += basis.removedGroups.map { "gone \($0)" }.sorted()
        return lines
    }

    /// What a server answers that starts on the store now.
    private func served(_ store: any DirectoryStore) async throws -> [SnapshotAnswer] {
        try Snapshot(try await store.load { _ in }, prepareKey: { _ in nil }).answers(words: ["U1"])
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func oneChangeAfterTheOtherMeansTheSameToAll(seed: UInt64) async throws {
        try await TemporarySQLite.use { sqlite in
            try await TemporaryPostgres.use { postgres in
                let memory = MemoryStore(chaining: TemporarySQLite.key)
                var changes = Changes(random: SeededGenerator(seed: seed))
                let first = changes.first()
                for store in [memory, sqlite, postgres] as [any DirectoryStore] { _ = try await store.commit(first) }
                var (revision, refused) = (Revision(1), 0)
                for number in 0..<250 {
                    let change = changes.next(at: revision)
                    let wanted = await commit(change, to: memory)
                    #expect(await commit(change, to: sqlite) == wanted, "change \(number)")
                    #expect(await commit(change, to: postgres) == wanted, "change \(number)")
                    if case .success(let newest) = wanted { revision = newest } else { refused += 1 }
                }
                // Neither all of them nor none.
                #expect(refused > 50 && refused < 220)
                let content = try await content(memory)
                #expect(differences(try await self.content(sqlite), content) == [])
                #expect(differences(try await self.content(postgres), content) == [])
                let served = try await served(memory)
                #expect(differences(try await self.served(sqlite), served) == [])
                #expect(differences(try await self.served(postgres), served) == [])
            }
        }
    }

    @Test(arguments: [Kind.sqlite, .postgres])
    func manyAtOnceMeanWhatTheyMeanInTheOrderOfTheirRevisions(kind: Kind) async throws {
        try await withStore(kind) { store in
            let memory = MemoryStore(chaining: TemporarySQLite.key)
            var changes = Changes(random: SeededGenerator(seed: 9))
            let first = changes.first()
            _ = try await store.commit(first)
            _ = try await memory.commit(first)
            var revision = Revision(1)
            for _ in 0..<8 {
                let batch = (0..<60).map { _ in changes.next(at: revision) }
                let outcomes = await withTaskGroup(of: (Int, Result<Revision, StoreError>).self) { group in
                    for (index, change) in batch.enumerated() {
                        group.addTask { (index, await commit(change, to: store)) }
                    }
                    return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                let made = outcomes.compactMap { index, outcome in (try? outcome.get()).map { ($0, index) } }
                    .sorted { $0.0 < $1.0 }
                for (own, index) in made {
                    #expect(await commit(batch[index], to: memory) == .success(own))
                    revision = own
                }
                #expect(!made.isEmpty && made.count < batch.count)
            }
            #expect(differences(try await content(store), try await content(memory)) == [])
        }
    }
}
