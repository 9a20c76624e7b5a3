import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// No right can be widened, no rule broken, and every command is logged.
@Suite(.timeLimit(.minutes(5))) struct GroupCommandTests {
    private let store = MemoryStore(chaining: PlaintextSealing())
    private let directory: Directory
    private let administration: GroupCommandHandler
    private let cluster = Fixtures.cluster()

    init() async throws {
        directory = Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
        administration = GroupCommandHandler(directory: directory)
        try await directory.start()
        let other = Fixtures.cluster("other000")
        var loner = Fixtures.user("private", uid: 10_003, account: "usr-private")
        loner.gidNumber = 10_500
        var change = Fixtures.change(
            [cluster, other],
            [
                Fixtures.user("admin", uid: 10_000, account: "usr-admin", role: .admin),
                Fixtures.user("zhang", uid: 10_001, account: "usr-zhang"),
                Fixtures.user("li", uid: 10_002, account: "usr-li"), loner,
                Fixtures.user("boss", uid: 10_004, account: "usr-boss", role: .boss),
                Fixtures.user("alone", uid: 10_000, cluster: other, account: "usr-alone", role: .admin),
            ])
        change.keys = [Fixtures.key()]
        change.groups = [
            Group(cluster: cluster.id, name: "s0723", gidNumber: 10_000, isPrimary: true),
            Group(cluster: cluster.id, name: "private", gidNumber: 10_500, isPrimary: false),
        ]
        try await directory.commit(change)
    }

    private func actor(_ name: String, digest: [UInt8]? = nil) throws -> CommandActor {
        let principal: Principal =
            switch name {
            case "operator": .operator(AccountID(stored: "usr-operator"))
            case "reader": .reader(nil)
            default: .account(AccountID(stored: "usr-" + name))
            }
        return CommandActor(
            principal: principal,
            scope: try Authorization.scope(of: principal, in: directory.snapshot, at: Fixtures.time),
            key: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), origin: "127.0.0.1",
            digest: digest ?? (0..<8).map { _ in UInt8.random(in: 0...255) },
            expires: Timestamp(seconds: Fixtures.time.seconds + 60))
    }

    @discardableResult
    private func execute(_ command: GroupCommand, as name: String = "admin", digest: [UInt8]? = nil) async throws
        -> JobID
    {
        try await administration.execute(
            command, cluster: cluster.id, zone: Fixtures.zone, by: try actor(name, digest: digest))
    }

    private func expect(
        _ code: RosterError.Code, _ what: GroupCommand, as name: String = "admin", holding text: String = "",
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let before = directory.snapshot.groups(of: cluster.id)
        let error = await #expect(throws: RosterError.self, sourceLocation: location) {
            try await execute(what, as: name)
        }
        #expect(error?.code == code, "\(String(describing: error))", sourceLocation: location)
        #expect(error?.message.contains(text) ?? text.isEmpty, "\(String(describing: error))", sourceLocation: location)
        #expect(directory.snapshot.groups(of: cluster.id) == before, sourceLocation: location)
        let last = try await store.events(after: 0, limit: 10_000).last
        #expect(last?.event.status == .failed, sourceLocation: location)
        #expect(last?.event.action == what.action, sourceLocation: location)
    }

    private func members(_ name: String) -> [String] {
        (directory.snapshot.group(named: name, in: cluster.id)?.members ?? [])
            .compactMap { directory.snapshot.user($0, in: cluster.id)?.username.text }.sorted()
    }

    @Test func anAdminLooksAfterTheGroupsOfItsCluster() async throws {
        try await execute(.create(name: "physics", gidNumber: nil))
        #expect(directory.snapshot.group(named: "PHYSICS", in: cluster.id)?.gidNumber == 10_501)
        try await execute(.modify(name: "Physics", .init(users: .init(adding: ["zhang", "LI"], removing: []))))
        #expect(members("physics") == ["li", "zhang"])
        let zhang = try #require(directory.snapshot.user(named: "zhang", in: cluster.id))
        #expect(directory.snapshot.groups(ofMember: zhang.id, in: cluster.id).map(\.name) == ["physics"])
        // Who is in it stays in it, who is not leaves it: both are what was asked.
        try await execute(
            .modify(name: "physics", .init(users: .init(adding: ["zhang"], removing: ["li", "private"]))))
        #expect(members("physics") == ["zhang"])
        try await execute(.delete(name: "physics"))
        #expect(directory.snapshot.group(named: "physics", in: cluster.id) == nil)
        #expect(directory.snapshot.groups(ofMember: zhang.id, in: cluster.id).isEmpty)
        let events = try await store.events(after: 0, limit: 100).map(\.event)
        #expect(
            events.map(\.action)
                == [
                    "CreateGroup", "CreateGroup", "ModifyGroup", "ModifyGroup", "ModifyGroup", "ModifyGroup",
                    "DeleteGroup", "DeleteGroup",
                ])
        #expect(events[3].message == "2 joined (li zhang), 0 left")
        #expect(events.allSatisfy { $0.resources[0].lowercased() == "physics" })
        #expect(events[3].resources.dropFirst().contains(zhang.id.text) && events[3].resources.count == 3)
        #expect(events[5].message == "0 joined, 1 left (li)")
        #expect(events[7].resources == ["physics"])
    }

    @Test(arguments: ["zhang", "reader"]) func othersLookAfterNone(name: String) async throws {
        try await expect(.permissionDenied, .create(name: "physics", gidNumber: nil), as: name)
        try await expect(
            .permissionDenied, .modify(name: "private", .init(users: .init(adding: ["zhang"], removing: []))), as: name)
        try await expect(.permissionDenied, .delete(name: "private"), as: name)
        // Whether there is such a group is not told either.
        try await expect(.permissionDenied, .delete(name: "none"), as: name)
    }

    @Test func anAdminOfAnotherClusterSeesNoCluster() async throws {
        try await expect(.notFound, .create(name: "physics", gidNumber: nil), as: "alone")
    }

    @Test(arguments: ["", "Physics", "1a", "a b", "root", "wheel", "disk", "shadow", String(repeating: "a", count: 33)])
    func aNewNameKeepsTheRule(name: String) async throws {
        try await expect(.nameMalformed, .create(name: name, gidNumber: nil), holding: "group_name:")
    }

    @Test func aGIDIsGivenOnce() async throws {
        try await execute(.create(name: "physics", gidNumber: 10_700))
        try await expect(.alreadyExists, .create(name: "other", gidNumber: 10_700), holding: "given to physics")
        try await execute(.delete(name: "physics"))
        try await expect(.alreadyExists, .create(name: "other", gidNumber: 10_700), holding: "given to physics")
        try await expect(.alreadyExists, .create(name: "other", gidNumber: 10_000), holding: "given to s0723")
        try await execute(.create(name: "physics", gidNumber: nil))
        #expect(directory.snapshot.group(named: "physics", in: cluster.id)?.gidNumber == 10_701)
        try await expect(.alreadyExists, .create(name: "physics", gidNumber: nil), holding: "group_name: physics")
    }

    @Test func aGIDOutsideTheRangeIsForWhoSeesEverything() async throws {
        try await expect(.permissionDenied, .create(name: "physics", gidNumber: 27), holding: "gid_number: 27")
        try await execute(.create(name: "physics", gidNumber: 9000), as: "boss")
        try await execute(.create(name: "chemistry", gidNumber: 9001), as: "operator")
    }

    @Test func theClustersOwnGroupStays() async throws {
        try await expect(.permissionDenied, .delete(name: "s0723"), as: "operator", holding: "own group")
        try await expect(.permissionDenied, .delete(name: "private"), as: "operator", holding: "primary group of users")
        try await expect(
            .permissionDenied, .modify(name: "s0723", .init(users: .init(adding: [], removing: ["zhang"]))),
            holding: "zhang")
        // Who has another primary group may be a member of it; who has it is one without being listed.
        try await execute(.modify(name: "s0723", .init(users: .init(adding: ["private", "zhang"], removing: []))))
        #expect(members("s0723") == ["private"])
    }

    @Test func membersAreUsersOfTheCluster() async throws {
        try await expect(
            .noSuchUser, .modify(name: "private", .init(users: .init(adding: ["zhang", "alone"], removing: []))))
        try await expect(.noSuchUser, .modify(name: "private", .init(users: .init(adding: [], removing: ["none"]))))
        try await expect(
            .notFound, .modify(name: "none", .init(users: .init(adding: ["zhang"], removing: []))),
            holding: "group_name")
        try await expect(
            .invalidParameter, .modify(name: "private", .init(users: .init(adding: ["zhang"], removing: ["ZHANG"]))),
            holding: "remove_members")
    }

    @Test func groupsAndNamesAreMembers() async throws {
        for name in ["physics", "optics", "lasers"] { try await execute(.create(name: name, gidNumber: nil)) }
        try await execute(.modify(name: "lasers", .init(users: .init(adding: ["zhang"]))))
        try await execute(
            .modify(name: "optics", .init(groups: .init(adding: ["LASERS"]), names: .init(adding: ["slurm"]))))
        try await execute(.modify(name: "physics", .init(groups: .init(adding: ["optics"]))))
        let zhang = try #require(directory.snapshot.user(named: "zhang", in: cluster.id))
        #expect(
            directory.snapshot.groups(ofMember: zhang.id, in: cluster.id).map(\.name).sorted()
                == ["lasers", "optics", "physics"])
        #expect(
            try await store.events(after: 0, limit: 100).last?.event.message
                == "0 joined, 0 left; groups: 1 added (optics), 0 removed")
        let listed = try directory.snapshot.groups(GroupQuery(zone: Fixtures.zone), scope: .all).groups
        let optics = try #require(listed.first { $0.group.name == "optics" })
        #expect(optics.members.isEmpty && optics.memberGroups == ["lasers"] && optics.memberNames == ["slurm"])
        // None of them in itself, by any way.
        for (name, member) in [("lasers", "physics"), ("lasers", "lasers"), ("lasers", "optics")] {
            try await expect(
                .invalidParameter, .modify(name: name, .init(groups: .init(adding: [member]))), holding: "in itself")
        }
        try await expect(
            .invalidParameter, .modify(name: "optics", .init(groups: .init(adding: ["s0723"]))), holding: "own group")
        try await expect(.notFound, .modify(name: "optics", .init(groups: .init(adding: ["none"]))))
        try await expect(
            .invalidParameter, .modify(name: "optics", .init(groups: .init(adding: ["physics"], removing: ["PHYSICS"])))
        )
        try await expect(
            .invalidParameter, .modify(name: "optics", .init(names: .init(adding: ["ZHANG"]))), holding: "is a user")
        for name in ["", "a:b", "a,b", "a\nb", String(repeating: "x", count: 300)] {
            try await expect(.invalidParameter, .modify(name: "optics", .init(names: .init(adding: [name]))))
        }
        try await expect(
            .invalidParameter, .modify(name: "optics", .init(names: .init(adding: ["slurm"], removing: ["slurm"]))))
        try await expect(
            .invalidParameter,
            .modify(name: "optics", .init(names: .init(adding: (0..<1000).map { "n\($0)" }))), holding: "at most")
        // A group that is gone is no member; who asks for the outer one next forgets it.
        try await execute(.delete(name: "lasers"))
        #expect(directory.snapshot.groups(ofMember: zhang.id, in: cluster.id).isEmpty)
        try await execute(
            .modify(name: "optics", .init(groups: .init(adding: ["private"]), names: .init(removing: ["slurm"]))))
        let after = try #require(directory.snapshot.group(named: "optics", in: cluster.id))
        #expect(after.memberGroups == [10_500] && after.memberNames.isEmpty)
        try await execute(.modify(name: "optics", .init(groups: .init(removing: ["private"]))))
        #expect(directory.snapshot.group(named: "optics", in: cluster.id)?.memberGroups.isEmpty == true)
    }

    /// Who joins a group joins those that it is in: an admin of the cluster may not join a system group by that way.
    @Test func aGroupInASystemGroupIsForThoseWhoMayChangeThat() async throws {
        try await execute(.create(name: "physics", gidNumber: nil))
        var docker = Group(cluster: cluster.id, name: "docker", gidNumber: 998, isPrimary: false)
        docker.memberGroups = [10_501]
        var change = Fixtures.change()
        change.groups = [docker]
        try await directory.commit(change)
        try await expect(.permissionDenied, .modify(name: "physics", .init(users: .init(adding: ["zhang"]))))
        try await execute(.modify(name: "physics", .init(users: .init(adding: ["zhang"]))), as: "boss")
    }

    @Test func theSameRequestIsRunOnce() async throws {
        let job = try await execute(.create(name: "physics", gidNumber: nil), digest: [1])
        #expect(try await execute(.create(name: "physics", gidNumber: nil), digest: [1]) == job)
        let refused = GroupCommand.create(name: "physics", gidNumber: 10_800)
        let first = await #expect(throws: RosterError.self) { try await execute(refused, digest: [2]) }
        try await execute(.delete(name: "physics"))
        let second = await #expect(throws: RosterError.self) { try await execute(refused, digest: [2]) }
        #expect(first == second)
    }

    @Test func membersAddedAtOnceAreAllIn() async throws {
        try await execute(.create(name: "physics", gidNumber: nil))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for name in ["zhang", "li", "private", "boss"] {
                tasks.addTask {
                    try await execute(.modify(name: "physics", .init(users: .init(adding: [name], removing: []))))
                }
            }
            try await tasks.waitForAll()
        }
        #expect(members("physics") == ["boss", "li", "private", "zhang"])
    }

    // MARK: The list

    private func list(
        as name: String = "admin", _ change: (inout GroupQuery) -> Void = { _ in }
    ) throws -> [String] {
        var query = GroupQuery(zone: Fixtures.zone)
        change(&query)
        return try directory.snapshot.groups(query, scope: try actor(name).scope).groups.map { listed in
            ([listed.group.name] + listed.members.map(\.text)).joined(separator: " ")
        }
    }

    @Test func theListShowsWhatTheScopeLetsBeSeen() async throws {
        try await execute(.create(name: "physics", gidNumber: nil))
        try await execute(.create(name: "chemistry", gidNumber: nil))
        try await execute(
            .modify(name: "physics", .init(users: .init(adding: ["zhang", "li", "private"], removing: []))))
        #expect(try list() == ["chemistry", "physics li private zhang", "private", "s0723"])
        #expect(try list(as: "reader") == list())
        // A member: its cluster's own group and those that it is in, and of the members itself.
        #expect(try list(as: "zhang") == ["physics zhang", "s0723"])
        #expect(try list(as: "private") == ["physics private", "private", "s0723"])
        #expect(try list { $0.searchWord = "HYS" } == ["physics li private zhang"])
        #expect(try list { $0.sortKey = .gidNumber } == ["s0723", "private", "physics li private zhang", "chemistry"])
        #expect(try list { ($0.isReversed, $0.offset, $0.limit) = (true, 1, 1) } == ["private"])
        #expect(throws: RosterError.self) { try list(as: "alone") { $0.cluster = cluster.id } }
        #expect(try list(as: "alone").isEmpty)
    }
}
