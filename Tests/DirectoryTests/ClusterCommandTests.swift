import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ClusterCommandTests {
    private let id = ClusterID(stored: "ehpc-new1")

    @Test func aNewClusterHasADefaultForEverything() throws {
        let change = try ClusterCommand(id: id).creation(in: Fixtures.zone, now: Fixtures.time)
        let cluster = try #require(change.clusters.first)
        #expect(cluster.type == .ehpc)
        #expect(cluster.name == "ehpc-new1")
        #expect(cluster.uidRange == 10_000...59_999)
        #expect(cluster.home(of: Username(stored: "li"), mount: cluster.nasMountPoint) == "/home/li")
        #expect(change.groups.map(\.gidNumber) == [10_000])
        #expect(change.groups.map(\.name) == ["ehpc-new1"])
    }

    private static let spoils: [(String, @Sendable (inout ClusterCommand) -> Void)] = [
        ("nas_mount_point", { $0.nasMountPoint = "relative" }), ("login_shell", { $0.loginShell = "bash" }),
        ("home_template", { $0.homeTemplate = "/home/all" }), ("home_template", { $0.homeTemplate = "{username}" }),
        ("uid_first", { $0.firstUID = 60_000 }), ("username", { $0.groupName = "a:b" }),
        ("cluster_name", { $0.name = "a\nb" }),
        ("description", { $0.description = String(repeating: "x", count: 1025) }),
    ]

    @Test(arguments: spoils)
    func malformedSettingsAreNamed(name: String, spoil: @Sendable (inout ClusterCommand) -> Void) {
        var command = ClusterCommand(id: id)
        spoil(&command)
        let error = #expect(throws: RosterError.self) { try command.creation(in: Fixtures.zone, now: Fixtures.time) }
        #expect(error?.message.hasPrefix(name) == true, "\(String(describing: error))")
    }

    private func directory() async throws -> Directory {
        let directory = Directory(
            store: MemoryStore(chaining: PlaintextSealing()), sealing: PlaintextSealing(),
            verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
        try await directory.start()
        var change = Fixtures.change(
            [Fixtures.cluster()], [Fixtures.user("admin", uid: 1, account: "usr-admin", role: .admin)])
        change.keys = [Fixtures.key()]
        try await directory.commit(change)
        return directory
    }

    private func actor(_ principal: Principal, _ directory: Directory) throws -> CommandActor {
        CommandActor(
            principal: principal,
            scope: try Authorization.scope(of: principal, in: directory.snapshot, at: Fixtures.time),
            key: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), origin: "-",
            digest: (0..<8).map { _ in UInt8.random(in: 0...255) }, expires: Fixtures.time)
    }

    @Test func onlyWhoSeesEverythingMakesAndChangesClusters() async throws {
        let directory = try await directory()
        let administration = ClusterCommandHandler(directory: directory)
        for principal in [Principal.account(AccountID(stored: "usr-admin")), .reader(nil)] {
            let actor = try actor(principal, directory)
            let made = await #expect(throws: RosterError.self) {
                try await administration.create(ClusterCommand(id: id), zone: Fixtures.zone, by: actor)
            }
            #expect(made?.code == .permissionDenied)
            let changed = await #expect(throws: RosterError.self) {
                try await administration.modify(
                    ClusterCommand(id: Fixtures.cluster().id), zone: Fixtures.zone, by: actor)
            }
            #expect(changed?.code == .permissionDenied)
        }
        let boss = try actor(.operator(AccountID(stored: "usr-op")), directory)
        _ = try await administration.create(ClusterCommand(id: id), zone: Fixtures.zone, by: boss)
        let again = await #expect(throws: RosterError.self) {
            try await administration.create(
                ClusterCommand(id: id), zone: Fixtures.zone,
                by: try actor(.operator(AccountID(stored: "usr-op")), directory))
        }
        #expect(again?.code == .alreadyExists)
        var command = ClusterCommand(id: id)
        command.firstUID = 20_000
        command.lastUID = 20_001
        _ = try await administration.modify(
            command, zone: Fixtures.zone, by: try actor(.operator(AccountID(stored: "usr-op")), directory))
        #expect(directory.snapshot.cluster(id)?.uidRange == 20_000...20_001)
    }
}
