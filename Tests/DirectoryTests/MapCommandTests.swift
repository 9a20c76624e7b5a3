import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// Commands about map entries keep the tree whole. Rights are in `AuthorizationTests`.
@Suite(.timeLimit(.minutes(5))) struct MapCommandTests {
    private let directory: Directory
    private let handler: MapCommandHandler
    private let cluster = Fixtures.cluster()

    init() async throws {
        directory = Directory(
            store: MemoryStore(chaining: PlaintextSealing()), sealing: PlaintextSealing(),
            verifying: PlaintextSealing(), clock: { Fixtures.time }, report: { _ in })
        handler = MapCommandHandler(directory: directory)
        try await directory.start()
        var change = Fixtures.change([cluster])
        change.keys = [Fixtures.key()]
        try await directory.commit(change)
    }

    private func execute(_ command: MapCommand) async throws {
        let actor = CommandActor(
            principal: .operator(AccountID(stored: "usr-operator")), scope: .all,
            key: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), origin: "127.0.0.1",
            digest: (0..<8).map { _ in UInt8.random(in: 0...255) },
            expires: Timestamp(seconds: Fixtures.time.seconds + 60))
        _ = try await handler.execute(command, cluster: cluster.id, zone: Fixtures.zone, by: actor)
    }

    private func upsert(_ place: String, _ values: [MapAttribute: [String]] = [:]) async throws {
        var attributes = MapAttributes()
        for (attribute, list) in values { attributes[attribute] = list }
        let kind: MapEntry.Kind = place.hasPrefix("cn") ? .sudoRole : .organizationalUnit
        try await execute(.upsert(kind, at: try MapPlace(text: place), attributes))
    }

    private func remove(_ place: String, withSubordinates: Bool = false) async throws {
        try await execute(.remove(try MapPlace(text: place), withSubordinates: withSubordinates))
    }

    private var places: [String] { directory.snapshot.maps(of: cluster.id)?.all.map(\.place.text) ?? [] }

    private func code(_ body: () async throws -> Void) async -> RosterError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? RosterError)?.code
        }
    }

    @Test func anEntryStandsBelowOneThatIsThere() async throws {
        #expect(await code { try await upsert("cn=ops,ou=sudoers") } == .notFound)
        try await upsert("ou=sudoers")
        try await upsert("cn=ops,ou=SUDOERS", [.sudoUser: ["a"]])
        try await upsert("cn=OPS,ou=sudoers", [.sudoUser: ["b"]])
        #expect(places == ["ou=sudoers", "cn=OPS,ou=sudoers"])
        #expect(directory.snapshot.maps(of: cluster.id)?.all.last?.attributes[.sudoUser] == ["b"])
        #expect(await code { try await upsert("cn=x,ou=sudoers", [.automountKey: ["a"]]) } == .invalidParameter)
    }

    @Test func whatHoldsOthersIsRemovedWithThemOnly() async throws {
        try await upsert("ou=sudoers")
        try await upsert("cn=a,ou=sudoers")
        try await upsert("ou=b")
        #expect(await code { try await remove("ou=sudoers") } == .permissionDenied)
        #expect(await code { try await remove("ou=none") } == .notFound)
        try await remove("ou=sudoers", withSubordinates: true)
        #expect(places == ["ou=b"])
        try await remove("ou=b")
        #expect(places.isEmpty)
    }

    /// Of an addition and a removal of the entry above it at the same time, one sees the other.
    @Test func noEntryIsLeftWithoutTheOneAboveIt() async throws {
        for _ in 0..<20 {
            try await upsert("ou=sudoers")
            async let first = code { try await upsert("cn=a,ou=sudoers") }
            async let second = code { try await remove("ou=sudoers") }
            let (added, removed) = await (first, second)
            #expect((added == nil) != (removed == nil))
            #expect(places == (added == nil ? ["ou=sudoers", "cn=a,ou=sudoers"] : []))
            if added == nil { try await remove("ou=sudoers", withSubordinates: true) }
        }
    }
}
