import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What every store must do with map entries; run against each of them.
@Suite(.timeLimit(.minutes(5))) struct MapContractTests {
    private let cluster = Fixtures.cluster()

    private func upsert(_ places: String..., user: String = "ALL") -> Change {
        var change = Fixtures.change()
        change.mapEntries = places.map { Fixtures.mapEntry($0, user: user) }
        return change
    }

    private func places(_ store: any DirectoryStore) async throws -> [String] {
        try await store.load { _ in }.mapEntries.sorted { $0.place.key < $1.place.key }.map(\.place.text)
    }

    @Test(arguments: Kind.allCases)
    func givesBackWhatWasCommitted(kind: Kind) async throws {
        try await withStore(kind) { store in
            var change = upsert("ou=sudoers", "cn=odd \\, \\\"张\\\" é,ou=sudoers", user: " ' \" % \\ ")
            change.clusters = [cluster]
            #expect(try await store.commit(change) == Revision(1))
            var wanted = change.mapEntries
            for index in wanted.indices { wanted[index].revision = Revision(1) }
            #expect(try await store.load { _ in }.mapEntries.sorted { $0.place.key < $1.place.key } == wanted)
            #expect(
                try await store.importBasis(for: [cluster.id], ids: []).mapEntries.sorted {
                    $0.place.key < $1.place.key
                }
                    == wanted)
            #expect(try await store.importBasis(for: [], ids: []).mapEntries.isEmpty)
            let delta = try #require(try await store.changes(since: .none))
            #expect(delta.mapEntries.count == 2 && delta.removedMapEntries.isEmpty)
        }
    }

    @Test(arguments: Kind.allCases)
    func anEntryIsReplacedByItsKeyAndLeavesATombstone(kind: Kind) async throws {
        try await withStore(kind) { store in
            var change = upsert("ou=sudoers", "cn=role,ou=sudoers")
            change.clusters = [cluster]
            _ = try await store.commit(change)
            _ = try await store.commit(upsert("cn=ROLE,ou=sudoers", user: "zhang"))
            #expect(try await places(store) == ["ou=sudoers", "cn=ROLE,ou=sudoers"])
            var removal = Fixtures.change()
            removal.removedMapEntries = [
                Fixtures.mapEntry("cn=role,ou=sudoers").key, Fixtures.mapEntry("cn=none").key,
            ]
            _ = try await store.commit(removal)
            #expect(try await places(store) == ["ou=sudoers"])
            let delta = try #require(try await store.changes(since: Revision(2)))
            #expect(delta.mapEntries.isEmpty)
            #expect(delta.removedMapEntries == [Fixtures.mapEntry("cn=role,ou=sudoers").key])
            // It may come back.
            _ = try await store.commit(upsert("cn=role,ou=sudoers"))
            #expect(try await places(store) == ["ou=sudoers", "cn=role,ou=sudoers"])
        }
    }

    @Test(arguments: Kind.allCases)
    func itsClusterMustBeThereAndItsPreconditionsHold(kind: Kind) async throws {
        try await withStore(kind) { store in
            await #expect(throws: StoreError.noSuchCluster(cluster.id)) { try await store.commit(upsert("ou=sudoers")) }
            var change = upsert("ou=sudoers")
            change.clusters = [cluster]
            _ = try await store.commit(change)
            func expecting(_ place: String, at revision: Int64) -> Change {
                var change = upsert("cn=role,ou=sudoers")
                change.preconditions = Preconditions(at: Revision(revision))
                change.preconditions?.mapEntries = [Fixtures.mapEntry(place).key]
                return change
            }
            await #expect(throws: StoreError.outdated) { try await store.commit(expecting("ou=none", at: 1)) }
            _ = try await store.commit(expecting("ou=SUDOERS", at: 1))
            _ = try await store.commit(upsert("ou=sudoers"))
            await #expect(throws: StoreError.outdated) { try await store.commit(expecting("ou=sudoers", at: 2)) }
            var removal = Fixtures.change()
            removal.removedMapEntries = [Fixtures.mapEntry("ou=sudoers").key]
            _ = try await store.commit(removal)
            await #expect(throws: StoreError.outdated) { try await store.commit(expecting("ou=sudoers", at: 4)) }
        }
    }
}
