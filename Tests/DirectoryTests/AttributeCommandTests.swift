import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// Commands about attributes that the site declares. Rights are in `CallAccessTests` and `AuthorizationTests`.
@Suite(.timeLimit(.minutes(5))) struct AttributeCommandTests {
    private let directory: Directory
    private let handler: AttributeCommandHandler

    init() async throws {
        directory = Directory(
            store: MemoryStore(chaining: PlaintextSealing()), sealing: PlaintextSealing(),
            verifying: PlaintextSealing(), clock: { Fixtures.time }, report: { _ in })
        handler = AttributeCommandHandler(directory: directory)
        try await directory.start()
        var change = Fixtures.change([Fixtures.cluster()])
        change.keys = [Fixtures.key()]
        try await directory.commit(change)
    }

    private func execute(_ command: AttributeCommand, as principal: Principal? = nil) async throws {
        let principal = principal ?? .operator(AccountID(stored: "usr-operator"))
        let actor = CommandActor(
            principal: principal, scope: .all, key: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), origin: "127.0.0.1",
            digest: (0..<8).map { _ in UInt8.random(in: 0...255) },
            expires: Timestamp(seconds: Fixtures.time.seconds + 60))
        _ = try await handler.execute(command, by: actor)
    }

    private func declare(
        _ name: String, oid: String? = nil, _ syntax: AttributeDeclaration.Syntax = .text, isMultiple: Bool = false
    ) async throws {
        try await execute(
            .declare(name: name, oid: oid, syntax: syntax, isMultiple: isMultiple, isSearchable: false))
    }

    private func code(_ body: () async throws -> Void) async -> RosterError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? RosterError)?.code
        }
    }

    private var names: [String] { directory.snapshot.attributes.declared.map(\.name) }

    @Test func anAttributeIsDeclaredChangedAndRemoved() async throws {
        try await declare("projectCode")
        #expect(names == ["projectCode"])
        let oid = try #require(directory.snapshot.declarations["projectcode"]?.oid)
        #expect(oid.hasPrefix("2.25.") && oid.count > 30)
        try await declare("PROJECTCODE", isMultiple: true)
        let changed = try #require(directory.snapshot.declarations["projectcode"])
        #expect(changed.name == "projectCode" && changed.oid == oid && changed.isMultiple)
        try await execute(.remove(name: "projectcode"))
        #expect(names.isEmpty)
        #expect(await code { try await execute(.remove(name: "projectCode")) } == .notFound)
        try await declare("projectCode", .integer)
        #expect(names == ["projectCode"])
    }

    @Test func aDeclarationIsNotNarrowed() async throws {
        try await declare("a", isMultiple: true)
        #expect(await code { try await declare("a") } == .invalidParameter)
        #expect(await code { try await declare("a", .integer, isMultiple: true) } == .invalidParameter)
        try await declare("b", oid: "1.2.3")
        #expect(await code { try await declare("c", oid: "1.2.3") } == .invalidParameter)
        #expect(await code { try await declare("mail") } == .invalidParameter)
        #expect(names == ["a", "b"])
    }

    @Test func whatUsersHaveIsNotRemoved() async throws {
        try await declare("projectCode")
        var user = Fixtures.user("zhang", uid: 10_000, cluster: Fixtures.cluster())
        user.attributes[directory.snapshot.attributes.declared[0]] = [Array("x".utf8)]
        var change = Fixtures.change()
        change.users = [user]
        try await directory.commit(change)
        #expect(await code { try await execute(.remove(name: "projectCode")) } == .permissionDenied)
        #expect(names == ["projectCode"])
    }

    @Test func onlyAGlobalAdministratorDeclares() async throws {
        let code = await code { try await execute(.remove(name: "a"), as: .reader(nil)) }
        #expect(code == .permissionDenied)
    }

    @Test func theirNumberIsBounded() async throws {
        var change = Fixtures.change()
        change.attributes = (0..<AttributeDeclaration.maximumCount).map { number in
            AttributeDeclaration(
                stored: "a\(number)", oid: "1.2.\(number)", syntax: .text, isMultiple: false, isSearchable: false,
                createTime: Fixtures.time)
        }
        try await directory.commit(change)
        #expect(await code { try await declare("more") } == .invalidParameter)
        try await execute(.remove(name: "a7"))
        try await declare("more")
    }
}
