import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// Every right as one table: who may do what, to which row.
@Suite(.timeLimit(.minutes(2))) struct AuthorizationTests {
    private static let home = Fixtures.cluster("home0000")
    private static let other = Fixtures.cluster("other000")

    /// Users of both clusters. `boss` has its row in "home", so that a bind with its password is confined to it.
    private static let users: [User] = {
        var users = [
            Fixtures.user("admin", uid: 10_000, cluster: home, account: "usr-admin", role: .admin),
            Fixtures.user("member", uid: 10_001, cluster: home, account: "usr-member"),
            Fixtures.user("colleague", uid: 10_002, cluster: home, account: "usr-colleague"),
            Fixtures.user("deputy", uid: 10_003, cluster: home, account: "usr-deputy", role: .admin),
            Fixtures.user("boss", uid: 10_004, cluster: home, account: "usr-boss", role: .boss),
            Fixtures.user("director", uid: 10_005, cluster: home, account: "usr-director", role: .boss),
            // As an import brings it: no rule was asked for its number and name.
            Fixtures.user("imported", uid: 998, cluster: home, account: "usr-imported"),
            Fixtures.user("stranger", uid: 10_000, cluster: other, account: "usr-stranger"),
            Fixtures.user("remote", uid: 10_001, cluster: other, account: "usr-remote", role: .admin),
        ]
        for index in users.indices { users[index].password = PasswordHash(stored: "old " + users[index].username.text) }
        return users
    }()

    private static let groups = [
        Group(cluster: home.id, name: "staff", gidNumber: 10_000, isPrimary: true),
        Group(cluster: home.id, name: "optics", gidNumber: 10_500, isPrimary: false),
        Group(cluster: home.id, name: "docker", gidNumber: 10_501, isPrimary: false),
        Group(cluster: home.id, name: "lasers", gidNumber: 27, isPrimary: false),
        Group(cluster: other.id, name: "branch", gidNumber: 10_000, isPrimary: true),
        Group(cluster: other.id, name: "abroad", gidNumber: 10_500, isPrimary: false),
    ]

    private enum Act: Sendable {
        case user(UserCommand, in: Cluster = home)
        /// The same on the actor's own row; nothing for an actor without one.
        case own(@Sendable (String) -> UserCommand)
        case group(GroupCommand, in: Cluster = home)
        case putMapEntry(Cluster)
        case readMaps(Cluster)
        case createCluster
        case modifyCluster(Cluster)
        case readLog
        case readLedger(Cluster)
    }

    private static let new = "Correct1Horse"

    private static func setPassword(_ name: String) -> UserCommand {
        .setPassword(username: name, password: new, present: nil)
    }

    private static func modify(_ change: @escaping @Sendable (inout UserModification) -> Void)
        -> @Sendable (String) -> UserCommand
    {
        { name in
            var modification = UserModification()
            change(&modification)
            return .modify(username: name, modification)
        }
    }

    private static let setShell = modify { $0.loginShell = "/bin/zsh" }
    private static let setDisplayName = modify { $0.attributes[.displayName] = .init(replacing: [[65]]) }
    private static let setMail = modify { $0.attributes[.mail] = .init(replacing: [Array("a@example.org".utf8)]) }
    private static let makeMember = modify { $0.role = .member }
    private static let makeAdmin = modify { $0.role = .admin }
    private static let rename = modify { $0.newUsername = "renamed" }
    private static let setMount = modify { $0.nasMountPoint = "/etc" }
    private static let keepMount = modify { $0.nasMountPoint = "" }
    private static func setGroup(_ gid: UInt32) -> @Sendable (String) -> UserCommand { modify { $0.gidNumber = gid } }

    private static let actors = [
        "operator", "boss", "admin", "member", "reader", "readall", "*boss", "*admin", "*member",
    ]

    /// The verdicts stand in the order of `actors`; a star is a bind with the user's password instead of a key. `yes`: it is
    /// done. `no`: permissionDenied. `404`: a cluster that does not exist. `who`: a user that does not exist. `old`: the
    /// present password is needed. `-`: the actor has no row of its own.
    private static let table: [(name: String, act: Act, verdicts: String)] = [
        //                                        operator boss admin member reader readall *boss *admin *member
        (
            "add", .user(.add(username: "newcomer", password: new, mode: nil, uidNumber: nil)),
            "yes yes yes no no no yes yes no"
        ),
        (
            "add with a number in the range",
            .user(.add(username: "newcomer", password: new, mode: nil, uidNumber: 20_000)),
            "yes yes yes no no no yes yes no"
        ),
        (
            "add with a system's number", .user(.add(username: "newcomer", password: new, mode: nil, uidNumber: 27)),
            "yes yes no no no no no no no"
        ),
        (
            "add elsewhere", .user(.add(username: "newcomer", password: new, mode: nil, uidNumber: nil), in: other),
            "yes yes 404 404 404 no 404 404 404"
        ),
        ("password of its own", .own(setPassword), "- yes yes old - - yes yes yes"),
        ("password of a member", .user(setPassword("colleague")), "yes yes yes who no no yes yes who"),
        ("password of an admin", .user(setPassword("deputy")), "yes yes no who no no no no who"),
        ("password of a boss", .user(setPassword("director")), "yes yes no who no no no no who"),
        ("password of an imported one", .user(setPassword("imported")), "yes yes yes who no no yes yes who"),
        ("password elsewhere", .user(setPassword("stranger"), in: other), "yes yes 404 404 404 no 404 404 404"),
        (
            "password of another cluster's admin", .user(setPassword("remote"), in: other),
            "yes yes 404 404 404 no 404 404 404"
        ),
        ("lock itself", .own { .setState(username: $0, state: .locked) }, "- yes yes no - - yes yes no"),
        ("lock a member", .user(.setState(username: "colleague", state: .locked)), "yes yes yes who no no yes yes who"),
        ("lock an admin", .user(.setState(username: "deputy", state: .locked)), "yes yes no who no no no no who"),
        ("lock a boss", .user(.setState(username: "director", state: .locked)), "yes yes no who no no no no who"),
        (
            "lock an imported one", .user(.setState(username: "imported", state: .locked)),
            "yes yes yes who no no yes yes who"
        ),
        (
            "lock elsewhere", .user(.setState(username: "stranger", state: .locked), in: other),
            "yes yes 404 404 404 no 404 404 404"
        ),
        ("expire itself", .own { .setExpiry(username: $0, expires: nil) }, "- yes yes no - - yes yes no"),
        (
            "expire a member", .user(.setExpiry(username: "colleague", expires: nil)),
            "yes yes yes who no no yes yes who"
        ),
        ("expire an admin", .user(.setExpiry(username: "deputy", expires: nil)), "yes yes no who no no no no who"),
        ("modify itself", .own(setShell), "- yes yes no - - yes yes no"),
        ("rename itself", .own(rename), "- yes yes no - - yes yes no"),
        ("change its own self-service attributes", .own(setDisplayName), "- yes yes old - - yes yes yes"),
        ("change its own other attributes", .own(setMail), "- yes yes no - - yes yes no"),
        ("modify a member", .user(setShell("colleague")), "yes yes yes who no no yes yes who"),
        ("rename a member", .user(rename("colleague")), "yes yes yes who no no yes yes who"),
        ("change a member's attributes", .user(setDisplayName("colleague")), "yes yes yes who no no yes yes who"),
        ("modify an admin", .user(setShell("deputy")), "yes yes no who no no no no who"),
        ("modify a boss", .user(setDisplayName("director")), "yes yes no who no no no no who"),
        ("modify elsewhere", .user(setShell("stranger"), in: other), "yes yes 404 404 404 no 404 404 404"),
        ("make a member an admin", .user(makeAdmin("colleague")), "yes yes no who no no no no who"),
        ("make itself an admin", .own(makeAdmin), "- yes yes no - - no yes no"),
        ("make itself a member", .own(makeMember), "- yes no no - - no no no"),
        ("give a member a group", .user(setGroup(10_500)("colleague")), "yes yes yes who no no yes yes who"),
        (
            "give a member the cluster's own group", .user(setGroup(10_000)("imported")),
            "yes yes yes who no no yes yes who"
        ),
        (
            "give a member a system's group by name", .user(setGroup(10_501)("colleague")),
            "yes yes no who no no no no who"
        ),
        (
            "give a member a system's group by number", .user(setGroup(27)("colleague")),
            "yes yes no who no no no no who"
        ),
        ("give a member another mount", .user(setMount("colleague")), "yes yes no who no no no no who"),
        ("give itself another mount", .own(setMount), "- yes no no - - no no no"),
        ("give a member the cluster's mount", .user(keepMount("colleague")), "yes yes yes who no no yes yes who"),
        ("delete itself", .own { .delete(username: $0) }, "- yes no no - - yes no no"),
        ("delete a member", .user(.delete(username: "colleague")), "yes yes yes who no no yes yes who"),
        // A cluster's admin stays, whoever asks.
        ("delete an admin", .user(.delete(username: "deputy")), "no no no who no no no no who"),
        ("delete a boss", .user(.delete(username: "director")), "yes yes no who no no no no who"),
        ("delete an imported one", .user(.delete(username: "imported")), "yes yes yes who no no yes yes who"),
        ("delete elsewhere", .user(.delete(username: "stranger"), in: other), "yes yes 404 404 404 no 404 404 404"),

        ("create a group", .group(.create(name: "fresh", gidNumber: nil)), "yes yes yes no no no yes yes no"),
        (
            "create a group with a system's number", .group(.create(name: "fresh", gidNumber: 28)),
            "yes yes no no no no no no no"
        ),
        (
            "create a group elsewhere", .group(.create(name: "fresh", gidNumber: nil), in: other),
            "yes yes 404 404 404 no 404 404 404"
        ),
        (
            "join a group", .group(.modify(name: "optics", .init(users: .init(adding: ["member"], removing: [])))),
            "yes yes yes no no no yes yes no"
        ),
        (
            "join the cluster's own group",
            .group(.modify(name: "staff", .init(users: .init(adding: ["member"], removing: [])))),
            "yes yes yes no no no yes yes no"
        ),
        (
            "join an imported group with a system's name",
            .group(.modify(name: "docker", .init(users: .init(adding: ["admin"], removing: [])))),
            "yes yes no no no no no no no"
        ),
        (
            "join an imported group with a system's number",
            .group(.modify(name: "lasers", .init(users: .init(adding: ["admin"], removing: [])))),
            "yes yes no no no no no no no"
        ),
        (
            "leave an imported group with a system's name",
            .group(.modify(name: "docker", .init(users: .init(adding: [], removing: ["member"])))),
            "yes yes no no no no no no no"
        ),
        (
            "join a group elsewhere",
            .group(.modify(name: "abroad", .init(users: .init(adding: ["stranger"], removing: []))), in: other),
            "yes yes 404 404 404 no 404 404 404"
        ),
        ("delete a group", .group(.delete(name: "optics")), "yes yes yes no no no yes yes no"),
        (
            "delete an imported group with a system's name", .group(.delete(name: "docker")),
            "yes yes no no no no no no no"
        ),
        (
            "delete an imported group with a system's number", .group(.delete(name: "lasers")),
            "yes yes no no no no no no no"
        ),
        ("delete a group elsewhere", .group(.delete(name: "abroad"), in: other), "yes yes 404 404 404 no 404 404 404"),

        ("put a map entry", .putMapEntry(home), "yes yes no no no no no no no"),
        ("put a map entry elsewhere", .putMapEntry(other), "yes yes 404 404 404 no 404 404 404"),
        ("read map entries", .readMaps(home), "yes yes yes no yes yes yes yes no"),
        ("read map entries elsewhere", .readMaps(other), "yes yes 404 404 404 yes 404 404 404"),

        ("create a cluster", .createCluster, "yes yes no no no no no no no"),
        ("modify its cluster", .modifyCluster(home), "yes yes no no no no no no no"),
        ("modify another cluster", .modifyCluster(other), "yes yes 404 404 404 no 404 404 404"),
        ("read the operation log", .readLog, "yes yes yes yes no no yes yes yes"),
        ("read the ledger", .readLedger(home), "yes yes yes no yes yes yes yes no"),
        ("read the ledger elsewhere", .readLedger(other), "yes yes 404 404 404 yes 404 404 404"),
    ]

    @Test(arguments: table.indices) func everyRightIsAsTheTableSays(row: Int) async throws {
        let (name, act, verdicts) = Self.table[row]
        let expected = verdicts.split(separator: " ").map(String.init)
        try #require(expected.count == Self.actors.count)
        for (actor, verdict) in zip(Self.actors, expected) {
            #expect(try await Self.verdict(on: act, by: actor) == verdict, "\(name), by \(actor)")
        }
    }

    /// What comes of the act on a directory of its own.
    private static func verdict(on act: Act, by name: String) async throws -> String {
        let directory = try await directory()
        let actor = try actor(name, in: directory.snapshot)
        let users = UserCommandHandler(directory: directory, hashing: PlaintextHashing())
        do throws(RosterError) {
            switch act {
            case .user(let command, let cluster):
                _ = try await users.execute(command, cluster: cluster.id, zone: Fixtures.zone, by: actor)
            case .own(let command):
                let user = name.hasPrefix("*") ? String(name.dropFirst()) : name
                guard Self.users.contains(where: { $0.username.text == user }) else { return "-" }
                _ = try await users.execute(command(user), cluster: home.id, zone: Fixtures.zone, by: actor)
            case .group(let command, let cluster):
                _ = try await GroupCommandHandler(directory: directory).execute(
                    command, cluster: cluster.id, zone: Fixtures.zone, by: actor)
            case .putMapEntry(let cluster):
                _ = try await MapCommandHandler(directory: directory).execute(
                    .upsert(.organizationalUnit, at: MapPlace(stored: "ou=sudoers"), MapAttributes()),
                    cluster: cluster.id, zone: Fixtures.zone, by: actor)
            case .readMaps(let cluster):
                _ = try directory.snapshot.cluster(cluster.id, in: Fixtures.zone, scope: actor.scope)
                try actor.authorization.requireMaps(of: cluster.id)
            case .createCluster:
                var command = ClusterCommand(id: ClusterID(stored: "hpc-fresh000"))
                command.nasMountPoint = "/share"
                command.groupName = "fresh"
                _ = try await ClusterCommandHandler(directory: directory).create(
                    command, zone: Fixtures.zone, by: actor)
            case .modifyCluster(let cluster):
                var command = ClusterCommand(id: cluster.id)
                command.description = "changed"
                _ = try await ClusterCommandHandler(directory: directory).modify(
                    command, zone: Fixtures.zone, by: actor)
            case .readLog: _ = try OperationScope(of: actor, zone: Fixtures.zone, in: directory.snapshot)
            case .readLedger(let cluster):
                _ = try directory.snapshot.cluster(cluster.id, in: Fixtures.zone, scope: actor.scope)
                try actor.authorization.requireLedger(of: cluster.id)
            }
            return "yes"
        } catch {
            return switch error.code {
            case .permissionDenied: "no"
            case .notFound: "404"
            case .noSuchUser: "who"
            case .passwordMismatch: "old"
            default: "\(error.code)"
            }
        }
    }

    private static func directory() async throws -> Directory {
        let directory = Directory(
            store: MemoryStore(chaining: PlaintextSealing()), sealing: PlaintextSealing(),
            verifying: PlaintextSealing(),
            clock: { Fixtures.time }, report: { _ in })
        try await directory.start()
        var change = Fixtures.change([home, other], users)
        change.groups = groups
        change.keys = [Fixtures.key()]
        try await directory.commit(change)
        return directory
    }

    private static func actor(_ name: String, in snapshot: Snapshot) throws -> CommandActor {
        if name.hasPrefix("*") {
            let user = try #require(snapshot.user(named: String(name.dropFirst()), in: home.id))
            let proof = try #require(PasswordAuthentication(of: user))
            return try CommandActor(proof, origin: "ldap:127.0.0.1", in: snapshot, now: Fixtures.time)
        }
        let principal: Principal =
            switch name {
            case "operator": .operator(AccountID(stored: "usr-operator"))
            case "reader": .reader(home.id)
            case "readall": .reader(nil)
            default: .account(AccountID(stored: "usr-" + name))
            }
        return CommandActor(
            principal: principal, scope: try Authorization.scope(of: principal, in: snapshot, at: Fixtures.time),
            key: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), origin: "127.0.0.1", digest: [1],
            expires: Timestamp(seconds: Fixtures.time.seconds + 60))
    }
}
