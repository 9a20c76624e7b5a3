import RosterModel
import RosterStore
import RosterTesting
import Testing

/// What every store must do with declarations of attributes; run against each of them.
@Suite(.timeLimit(.minutes(5))) struct AttributeContractTests {
    private func declaration(_ name: String, oid: String = "1.2.3", removed: Bool = false) -> AttributeDeclaration {
        AttributeDeclaration(
            stored: name, oid: oid, syntax: .integer, isMultiple: true, isSearchable: false, createTime: Fixtures.time,
            removeTime: removed ? Fixtures.time : nil)
    }

    private func change(_ declarations: AttributeDeclaration...) -> Change {
        var change = Fixtures.change()
        change.attributes = declarations
        return change
    }

    private func loaded(_ store: any DirectoryStore) async throws -> [AttributeDeclaration] {
        try await store.load { _ in }.attributes.sorted { $0.key < $1.key }
    }

    @Test(arguments: Kind.allCases)
    func givesBackWhatWasCommitted(kind: Kind) async throws {
        try await withStore(kind) { store in
            let (one, two) = (declaration("one"), declaration("Two", oid: "2.25.1"))
            #expect(try await store.commit(change(two, one)) == Revision(1))
            var wanted = [one, two]
            for index in wanted.indices { wanted[index].revision = Revision(1) }
            #expect(try await loaded(store) == wanted)
            #expect(
                try await store.importBasis(for: [], ids: []).attributes.sorted { $0.key < $1.key } == wanted)
            let delta = try #require(try await store.changes(since: .none))
            #expect(delta.attributes.count == 2)
        }
    }

    @Test(arguments: Kind.allCases)
    func aDeclarationIsReplacedByItsKey(kind: Kind) async throws {
        try await withStore(kind) { store in
            _ = try await store.commit(change(declaration("one"), declaration("two", oid: "1.2.4")))
            _ = try await store.commit(change(declaration("ONE", oid: "1.2.5", removed: true)))
            let all = try await loaded(store)
            #expect(all.map(\.oid) == ["1.2.5", "1.2.4"])
            #expect(all.map { $0.removeTime == nil } == [false, true])
            let delta = try #require(try await store.changes(since: Revision(1)))
            #expect(delta.attributes.map(\.key) == ["one"] && delta.attributes.first?.revision == Revision(2))
        }
    }

    @Test(arguments: Kind.allCases)
    func aRefusedChangeDeclaresNothing(kind: Kind) async throws {
        try await withStore(kind) { store in
            var refused = change(declaration("one"))
            refused.groups = [Group(cluster: Fixtures.cluster().id, name: "g", gidNumber: 10_000, isPrimary: true)]
            var isRefused = false
            do { _ = try await store.commit(refused) } catch { isRefused = true }
            let left = try await loaded(store)
            #expect(isRefused && left.isEmpty)
        }
    }
}
