import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@testable import RosterDirectory

/// No right can be widened, no rule broken, and every command is logged.
@Suite(.timeLimit(.minutes(5))) struct UserCommandTests {
    /// Hashes by turning text round.
    private struct PlainHashing: PasswordHashing {
        func hash(_ password: String, for client: QueueClient) async throws(RosterError) -> PasswordHash {
            PasswordHash(stored: String(password.reversed()))
        }

        func verify(
            _ password: String, against hash: PasswordHash, for client: QueueClient
        ) async throws(RosterError) -> Bool {
            String(password.reversed()) == hash.text
        }
    }

    private let store = MemoryStore(chaining: PlaintextSealing())
    private let directory: Directory
    private let administration: UserCommandHandler
    private let cluster = Fixtures.cluster()
    private static let password = "Correct-Horse".replacing("-", with: "1")

    init() async throws {
        directory = Directory(
            store: store, sealing: PlaintextSealing(), verifying: PlaintextSealing(), clock: { Fixtures.time },
            report: { _ in })
        administration = UserCommandHandler(directory: directory, hashing: PlainHashing())
        try await directory.start()
        var zhang = Fixtures.user("zhang", uid: 10_001, account: "usr-zhang")
        zhang.password = PasswordHash(stored: String(Self.password.reversed()))
        var change = Fixtures.change(
            [cluster, Fixtures.cluster("other000")],
            [
                Fixtures.user("admin", uid: 10_000, account: "usr-admin", role: .admin), zhang,
                Fixtures.user("li", uid: 10_002, account: "usr-li"),
                Fixtures.user("boss", uid: 10_003, account: "usr-boss", role: .boss),
                Fixtures.user("helper", uid: 10_004, account: "usr-helper", role: .admin),
                Fixtures.user("alone", uid: 10_000, cluster: Fixtures.cluster("other000"), account: "usr-alone"),
            ])
        change.keys = [Fixtures.key()]
        change.groups = [Group(cluster: cluster.id, name: "s0723", gidNumber: 10_000, isPrimary: true)]
        try await directory.commit(change)
    }

    private func actor(_ principal: Principal, digest: [UInt8]? = nil) throws -> CommandActor {
        CommandActor(
            principal: principal,
            scope: try Authorization.scope(of: principal, in: directory.snapshot, at: Fixtures.time),
            key: AccessKeyID(stored: "AAAAAAAAAAAAAAAAAAAA"), origin: "127.0.0.1",
            digest: digest ?? (0..<8).map { _ in UInt8.random(in: 0...255) },
            expires: Timestamp(seconds: Fixtures.time.seconds + 60))
    }

    @discardableResult
    private func execute(
        _ command: UserCommand, as account: String, cluster: ClusterID? = nil, digest: [UInt8]? = nil
    ) async throws -> JobID {
        let principal: Principal =
            switch account {
            case "operator": .operator(AccountID(stored: "usr-operator"))
            case "reader": .reader(nil)
            default: .account(AccountID(stored: "usr-" + account))
            }
        return try await administration.execute(
            command, cluster: cluster ?? self.cluster.id, zone: Fixtures.zone, by: try actor(principal, digest: digest))
    }

    private func expect(
        _ code: RosterError.Code, _ what: UserCommand, as account: String, cluster: ClusterID? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let before = directory.snapshot
        let error = await #expect(throws: RosterError.self, sourceLocation: location) {
            try await execute(what, as: account, cluster: cluster)
        }
        #expect(error?.code == code, "\(String(describing: error))", sourceLocation: location)
        #expect(directory.snapshot.userCount == before.userCount, sourceLocation: location)
        let last = try await store.events(after: 0, limit: 10_000).last
        #expect(last?.event.status == .failed, sourceLocation: location)
        #expect(last?.event.error == code, sourceLocation: location)
    }

    private func user(_ name: String) -> User? { directory.snapshot.user(named: name, in: cluster.id) }

    private func add(_ name: String, uid: UInt32? = nil) -> UserCommand {
        .add(username: name, password: Self.password, mode: nil, uidNumber: uid)
    }

    @Test(arguments: ["operator", "boss", "admin"])
    func whoAdministersAdds(account: String) async throws {
        let job = try await execute(add("wang"), as: account)
        #expect(user("wang")?.uidNumber == 10_005)
        #expect(user("wang")?.gidNumber == 10_000)
        #expect(user("wang")?.homeDirectory == "/public/s0723/home/wang")
        #expect(user("wang")?.password?.text == String(Self.password.reversed()))
        let events = try await store.events(after: 0, limit: 10).map(\.event)
        #expect(events.map(\.job) == [job, job])
        #expect(events.map(\.status) == [.pending, .successful])
        #expect(events.first?.origin == "127.0.0.1")
        #expect(events.allSatisfy { !$0.message.contains(Self.password) })
    }

    @Test func someOfAReadersRefusalsAreLogged() async throws {
        for number in 0..<25 {
            await #expect(throws: RosterError.self) { try await execute(add("wang\(number)"), as: "reader") }
        }
        let events = try await store.events(after: 0, limit: 100).map(\.event)
        #expect(events.count == ReaderRefusals.maximumLogged)
        // Who may write somewhere is logged always; its calls have a rate.
        for number in 0..<25 { try await expect(.permissionDenied, add("li\(number)"), as: "zhang") }
        #expect(try await store.events(after: 0, limit: 100).count == ReaderRefusals.maximumLogged + 25)
    }

    @Test func theNextLoggedRefusalTellsHowManyWereNot() {
        let refusals = ReaderRefusals()
        let (key, other) = (AccessKeyID(stored: "A"), AccessKeyID(stored: "B"))
        let logged = (0..<100).compactMap { _ in refusals.consume(key, now: Timestamp(seconds: 1000)) }
        #expect(logged == Array(repeating: 0, count: 10))
        #expect(refusals.consume(other, now: Timestamp(seconds: 1000)) == 0)
        #expect(refusals.consume(key, now: Timestamp(seconds: 1059)) == nil)
        #expect(refusals.consume(key, now: Timestamp(seconds: 1060)) == 91)
        #expect(refusals.consume(key, now: Timestamp(seconds: 1060)) == 0)
        // A clock that is set back begins a new period.
        #expect(refusals.consume(key, now: Timestamp(seconds: 10)) == 0)
    }

    @Test(arguments: ["2755", "770", "1777", "4700"])
    func onlyAnOperatorOpensAHome(mode: String) async throws {
        let mode = try FileMode(mode)
        let command = UserCommand.add(username: "wang", password: Self.password, mode: mode, uidNumber: nil)
        var modification = UserModification()
        modification.mode = .some(mode)
        for account in ["boss", "admin"] {
            try await expect(.permissionDenied, command, as: account)
            try await expect(.permissionDenied, .modify(username: "zhang", modification), as: account)
        }
        _ = try await execute(command, as: "operator")
        _ = try await execute(.modify(username: "zhang", modification), as: "operator")
        #expect(user("zhang")?.mode == mode)
        // It stays when something else changes.
        modification.gecos = "Zhang"
        _ = try await execute(.modify(username: "zhang", modification), as: "admin")
        let usual = UserCommand.add(
            username: "li2", password: Self.password, mode: FileMode(bits: 0o755), uidNumber: nil)
        _ = try await execute(usual, as: "admin")
    }

    @Test func nobodyElseAdds() async throws {
        try await expect(.permissionDenied, add("wang"), as: "zhang")
        try await expect(.permissionDenied, add("wang"), as: "reader")
        try await expect(.notFound, add("wang"), as: "alone")
        try await expect(.notFound, add("wang"), as: "admin", cluster: Fixtures.cluster("other000").id)
        try await expect(.notFound, add("wang"), as: "operator", cluster: ClusterID(stored: "hpc-none"))
    }

    @Test func additionsKeepTheRules() async throws {
        try await expect(.nameMalformed, add("root"), as: "operator")
        try await expect(.nameMalformed, add("admin"), as: "operator")
        try await expect(.accountExists, add("zhang"), as: "admin")
        try await expect(
            .passwordUnacceptable, .add(username: "wang", password: "short", mode: nil, uidNumber: nil), as: "admin")
        try await expect(.alreadyExists, add("wang", uid: 10_002), as: "admin")
        try await execute(add("wang", uid: 20_000), as: "admin")
        #expect(user("wang")?.uidNumber == 20_000)
    }

    @Test func aNumberOutsideTheRangeIsForWhoSeesEverything() async throws {
        for uid: UInt32 in [1, 999, 65_534, 4_294_967_294] {
            try await expect(.permissionDenied, add("wang", uid: uid), as: "admin")
        }
        try await execute(add("wang", uid: 999), as: "operator")
        #expect(user("wang")?.uidNumber == 999)
    }

    @Test func aDeletedUsersNumberIsNotGivenAgain() async throws {
        try await execute(.delete(username: "li"), as: "admin")
        #expect(user("li") == nil)
        try await expect(.alreadyExists, add("wang", uid: 10_002), as: "admin")
        try await execute(add("li"), as: "admin")
        #expect(user("li")?.uidNumber == 10_005)
    }

    @Test func adminsTouchMembersAndThemselves() async throws {
        let lock = { (name: String) in UserCommand.setState(username: name, state: .locked) }
        try await execute(lock("zhang"), as: "admin")
        #expect(user("zhang")?.state == .locked)
        for other in ["helper", "boss"] {
            try await expect(.permissionDenied, lock(other), as: "admin")
            try await expect(
                .permissionDenied, .setPassword(username: other, password: Self.password, present: nil), as: "admin")
            try await expect(.permissionDenied, .setExpiry(username: other, expires: Fixtures.time), as: "admin")
            try await expect(.permissionDenied, .delete(username: other), as: "admin")
        }
        try await execute(.setPassword(username: "admin", password: Self.password + "2", present: nil), as: "admin")
        try await execute(lock("helper"), as: "boss")
    }

    @Test func membersSetTheirOwnPasswordWithThePresentOne() async throws {
        let new = Self.password + "2"
        let command = { (name: String, present: String?) in
            UserCommand.setPassword(username: name, password: new, present: present)
        }
        try await expect(.passwordMismatch, command("zhang", nil), as: "zhang")
        try await expect(.passwordMismatch, command("zhang", "wrong"), as: "zhang")
        try await expect(.noSuchUser, command("li", Self.password), as: "zhang")
        try await expect(.passwordMismatch, command("li", Self.password), as: "li")
        try await self.execute(command("zhang", Self.password), as: "zhang")
        #expect(user("zhang")?.password?.text == String(new.reversed()))
        try await expect(.permissionDenied, .setState(username: "zhang", state: .active), as: "zhang")
        try await expect(.permissionDenied, .setExpiry(username: "zhang", expires: nil), as: "zhang")
        try await expect(.permissionDenied, .delete(username: "zhang"), as: "zhang")
    }

    // MARK: Modifications

    private func modification(_ change: (inout UserModification) -> Void) -> UserModification {
        var modification = UserModification()
        change(&modification)
        return modification
    }

    private func lastMessage() async throws -> String? {
        try await store.events(after: 0, limit: 10_000).last?.event.message
    }

    @Test func everyFieldIsChangedAndLoggedWithBeforeAndAfter() async throws {
        let before = try #require(user("zhang"))
        let all = modification {
            $0.role = .admin
            $0.mode = .some(FileMode(bits: 0o750))
            $0.nasMountPoint = "/scratch"
            $0.homeDirectory = "/scratch/zhang"
            $0.loginShell = "/bin/zsh"
            $0.expires = .some(Fixtures.time)
            $0.state = .locked
            $0.attributes[.fullName] = .init(replacing: [Array("Zhang San".utf8)])
            $0.attributes[.mail] = .init(adding: [Array("z@example.org".utf8)])
        }
        try await execute(.modify(username: "zhang", all), as: "operator")
        let after = try #require(user("zhang"))
        #expect(after.role == .admin && after.mode?.bits == 0o750 && after.state == .locked)
        #expect(after.homeDirectory == "/scratch/zhang" && after.loginShell == "/bin/zsh" && after.gecos == "Zhang San")
        #expect(after.attributes.texts(.mail) == ["z@example.org"])
        #expect(after.uidNumber == before.uidNumber && after.password == before.password)
        let message = try #require(try await lastMessage())
        #expect(
            message.hasPrefix("locked; expires \(Fixtures.time); role: member -> admin; mod: - -> 750"), "\(message)")
        #expect(message.contains("login_shell: /bin/bash -> /bin/zsh"))
        #expect(message.hasSuffix("cn: - -> Zhang San; mail: - -> z@example.org"), "\(message)")
    }

    @Test func emptyClears() async throws {
        let home = try #require(user("zhang")).homeDirectory
        try await execute(
            .modify(
                username: "zhang",
                modification {
                    $0.homeDirectory = "/elsewhere/zhang"
                    $0.loginShell = "/bin/zsh"
                    $0.gecos = "Somebody"
                    $0.mode = .some(FileMode(bits: 0o700))
                    $0.attributes[.title] = .init(replacing: [Array("Dr".utf8)])
                }), as: "admin")
        try await execute(
            .modify(
                username: "zhang",
                modification {
                    $0.homeDirectory = ""
                    $0.loginShell = ""
                    $0.gecos = ""
                    $0.mode = .some(nil)
                    $0.attributes[.title] = .init(replacing: [])
                }), as: "admin")
        let after = try #require(user("zhang"))
        #expect(after.homeDirectory == home && after.loginShell == "/bin/bash" && after.gecos.isEmpty)
        #expect(after.mode == nil && after.attributes.isEmpty)
    }

    @Test func gecosFollowsTheFullNameItWasDerivedFrom() async throws {
        let name = { (text: String) in
            UserCommand.modify(
                username: "zhang", self.modification { $0.attributes[.fullName] = .init(replacing: [Array(text.utf8)]) }
            )
        }
        try await execute(name("Zhang San"), as: "admin")
        try await execute(name("Zhang Sanfeng"), as: "admin")
        #expect(user("zhang")?.gecos == "Zhang Sanfeng")
        try await execute(.modify(username: "zhang", modification { $0.gecos = "Room 7" }), as: "admin")
        try await execute(name("Zhang Wuji"), as: "admin")
        #expect(user("zhang")?.gecos == "Room 7")
    }

    @Test(arguments: [
        ("home_directory", "relative"), ("home_directory", "/"), ("home_directory", "/a/../etc"),
        ("home_directory", "/a//b"),
        ("home_directory", "/a:b"), ("login_shell", "bash"),
        ("login_shell", "/bin/a\nb"),
        ("gecos", "a:b"), ("gecos", "a\u{0}b"), ("nas_mount_point", "x"), ("gid_number", "4242"), ("mail", "\u{7}"),
        ("sshPublicKey", "ssh-rsa x"), ("shadowMax", "many"), ("employeeNumber", "two"),
    ]) func malformedValuesAreRefused(name: String, value: String) async throws {
        let before = user("zhang")
        let command = UserCommand.modify(
            username: "zhang",
            modification {
                switch name {
                case "home_directory": $0.homeDirectory = value
                case "login_shell": $0.loginShell = value
                case "gecos": $0.gecos = value
                case "nas_mount_point": $0.nasMountPoint = value
                case "gid_number": $0.gidNumber = UInt32(value)
                case "employeeNumber":
                    $0.attributes[.employeeNumber] = .init(replacing: [Array("1".utf8), Array("2".utf8)])
                default: $0.attributes[UserAttribute(name: name)!] = .init(adding: [Array(value.utf8)])
                }
                // Nothing is half done.
                $0.state = .locked
            })
        try await expect(.invalidParameter, command, as: "operator")
        #expect(user("zhang") == before)
        #expect(try await lastMessage()?.hasPrefix(name) == true)
    }

    @Test func aNewNameKeepsEverythingElse() async throws {
        let before = try #require(user("zhang"))
        try await execute(.modify(username: "zhang", modification { $0.newUsername = "zhao" }), as: "admin")
        #expect(user("zhang") == nil)
        var after = try #require(user("zhao"))
        #expect(after.uidNumber == before.uidNumber && after.homeDirectory == before.homeDirectory)
        (after.username, after.updateTime, after.revision) = (before.username, before.updateTime, before.revision)
        #expect(after == before)
        let last = try #require(try await store.events(after: 0, limit: 10_000).last?.event)
        #expect(last.message == "username: zhang -> zhao; the home stays \(before.homeDirectory)")
        #expect(last.resources == ["zhang", before.id.text, "zhao"])
        let holder = try await directory.holder(of: before.uidNumber, in: cluster.id)
        #expect(holder?.name == "zhang", "the ledger keeps the name of old")
        // The old name is free, the new one taken, and a rule holds.
        try await execute(.modify(username: "li", modification { $0.newUsername = "zhang" }), as: "admin")
        for (name, code) in [
            ("zhao", RosterError.Code.accountExists), ("ZHAO", .nameMalformed), ("root", .nameMalformed),
        ] {
            try await expect(code, .modify(username: "zhang", modification { $0.newUsername = name }), as: "admin")
        }
    }

    @Test func aMemberChangesItsKeysWithItsPassword() async throws {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p"
        let add = modification { $0.attributes[.sshPublicKey] = .init(adding: [Array((key + " laptop").utf8)]) }
        try await expect(.passwordMismatch, .modify(username: "zhang", add), as: "zhang")
        var proved = add
        proved.presentPassword = Self.password
        try await execute(.modify(username: "zhang", proved), as: "zhang")
        #expect(user("zhang")?.attributes.texts(.sshPublicKey) == [key + " laptop"])
        // The same key with another comment is the same key.
        proved.attributes[.sshPublicKey] = .init(adding: [Array((key + " desk").utf8)])
        try await execute(.modify(username: "zhang", proved), as: "zhang")
        #expect(user("zhang")?.attributes.texts(.sshPublicKey) == [key + " desk"])
        proved.attributes[.sshPublicKey] = .init(deleting: [Array(key.utf8)])
        try await execute(.modify(username: "zhang", proved), as: "zhang")
        #expect(user("zhang")?.attributes.isEmpty == true)
        // A mail address decides who gets what is meant for the user: the administrator gives it.
        proved.attributes = [.mail: .init(adding: [Array("x@example.org".utf8)])]
        try await expect(.permissionDenied, .modify(username: "zhang", proved), as: "zhang")
    }

    /// Whoever has a key logs in as each user who has it.
    @Test func aKeyThatAnotherUserHasIsReported() async throws {
        func keys(_ lines: String...) -> UserModification {
            modification { $0.attributes[.sshPublicKey] = .init(adding: lines.map { Array($0.utf8) }) }
        }
        func message() async throws -> String { try await lastMessage() ?? "" }
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p"
        let lowered = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vj4S6p"
        try await execute(.modify(username: "zhang", keys(key + " laptop")), as: "admin")
        #expect(!(try await message()).contains("also"))
        // Base64 has two cases.
        try await execute(.modify(username: "li", keys(lowered)), as: "admin")
        #expect(!(try await message()).contains("also"))
        try await execute(.modify(username: "li", keys(key + " desk")), as: "admin")
        #expect(try await message().hasSuffix("; an SSH key is also one of zhang"))
        // A key that the user has already is not reported again.
        try await execute(.modify(username: "li", keys(key + " home")), as: "admin")
        #expect(!(try await message()).contains("also"))
        try await execute(
            .add(username: "wang", password: nil, mode: nil, uidNumber: nil, fields: keys(key)), as: "admin")
        #expect(try await message().hasSuffix("; an SSH key is also one of li and 1 more"))
        // A member is not told who else there is.
        try await execute(
            .modify(username: "zhang", modification { $0.attributes[.sshPublicKey] = .init(replacing: []) }),
            as: "admin")
        var own = keys(key)
        own.presentPassword = Self.password
        try await execute(.modify(username: "zhang", own), as: "zhang")
        #expect(try await message().hasSuffix("; an SSH key is also one of another user"))
    }

    /// The keys of one batch are compared with each other, as the batch leaves the users.
    @Test func aKeyThatABatchGivesTwiceIsReported() async throws {
        let text = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKb5vyKyVn2Q8sVtqvkP4zWm0d2yZ8nZ0zq3m1vJ4S6p"
        func key(_ number: Int) -> String { text.replacing("vJ4S6p", with: "vJ4\(100 + number)") }
        func keys(_ lines: [String]) -> UserModification {
            modification { $0.attributes[.sshPublicKey] = .init(replacing: lines.map { Array($0.utf8) }) }
        }
        let batches = UserBatchHandler(directory: directory, hashing: PlainHashing())
        func notes(_ commands: [UserCommand]) async throws -> [String] {
            let outcomes = try await batches.execute(
                commands, cluster: cluster.id, zone: Fixtures.zone, onFault: .refuse,
                by: try actor(.account(AccountID(stored: "usr-admin"))))
            var query = OperationQuery(scope: .all)
            query.jobs = Set(outcomes.map(\.job))
            query.limit = outcomes.count
            let operations = try await directory.operations(query).operations
            return outcomes.map { outcome in
                let message = operations.first { $0.id == outcome.job }?.message ?? ""
                return message.split(separator: "; ").last { $0.hasPrefix("an SSH key") }.map(String.init) ?? ""
            }
        }
        // The last key moves from one user to the other: nobody shares it.
        try await execute(.modify(username: "zhang", keys([key(0), key(30)])), as: "admin")
        var commands = (1...20).map { number in
            UserCommand.add(
                username: "m\(number)", password: nil, mode: nil, uidNumber: nil, fields: keys([key(number)]))
        }
        commands.append(
            .add(username: "twin", password: nil, mode: nil, uidNumber: nil, fields: keys([key(0), key(7)])))
        commands.append(.modify(username: "zhang", keys([key(0)])))
        commands.append(.modify(username: "li", keys([key(30)])))
        var expected = Array(repeating: "", count: 23)
        expected[6] = "an SSH key is also one of twin"
        expected[20] = "an SSH key is also one of m7 and 1 more"
        #expect(try await notes(commands) == expected)
        // Of many keys and of few, the same is said.
        let others = try await notes([.modify(username: "li", keys([key(3)])), .delete(username: "m3")])
        #expect(others == ["", ""])
        #expect(try await notes([.modify(username: "li", keys([key(4)]))]) == ["an SSH key is also one of m4"])
        let many = try await notes([.modify(username: "twin", keys((1...20).map(key)))])
        #expect(many == ["an SSH key is also one of li and 18 more"])
    }

    // MARK: By a password

    private func actor(byPasswordOf name: String) async throws -> CommandActor {
        if user(name)?.password == nil {
            var changed = try #require(user(name))
            changed.password = PasswordHash(stored: String(Self.password.reversed()))
            try await directory.commit(Fixtures.change([], [changed]))
        }
        let row = try #require(user(name))
        let proved = try #require(PasswordAuthentication(of: row))
        return try CommandActor(proved, origin: "ldap:127.0.0.1", in: directory.snapshot, now: Fixtures.time)
    }

    private func setPassword(
        of name: String, to password: String, present: String? = nil, by actor: CommandActor
    ) async throws {
        _ = try await administration.execute(
            .setPassword(username: name, password: password, present: present), cluster: cluster.id,
            zone: Fixtures.zone, by: actor)
    }

    @Test func whoHasShownItsPasswordNeedNotShowItAgain() async throws {
        let actor = try await actor(byPasswordOf: "zhang")
        let wrong = await #expect(throws: RosterError.self) {
            try await setPassword(of: "zhang", to: Self.password + "2", present: "wrong", by: actor)
        }
        #expect(wrong?.code == .passwordMismatch)
        try await setPassword(of: "zhang", to: Self.password + "2", by: actor)
        // What was shown is another one by now.
        let late = await #expect(throws: RosterError.self) {
            try await setPassword(of: "zhang", to: Self.password + "3", by: actor)
        }
        #expect(late?.code == .notAuthenticated)
        #expect(user("zhang")?.password?.text == String((Self.password + "2").reversed()))
    }

    @Test func aWeakHashIsMadeAnewAndTheProofHolds() async throws {
        let weak = PasswordHash(stored: "{MD5}XrY7u+Ae7tCTyyK7j1rNww==")
        var li = try #require(user("li"))
        li.password = weak
        try await directory.commit(Fixtures.change([], [li]))
        let proof = try #require(PasswordAuthentication(of: li))
        let before = directory.snapshot.revision
        try await administration.strengthenHash(of: "hello, world", shown: proof, origin: "ldap:127.0.0.1")
        #expect(user("li")?.password?.text == "dlrow ,olleh")
        #expect(user("li")?.passwordTime == nil)
        #expect(try proof.user(in: directory.snapshot, now: Fixtures.time).username.text == "li")
        let event = try await store.events(after: 0, limit: 1000).last?.event
        #expect(event?.action == "ModifyUser" && event?.message == "password hashed anew")
        #expect(directory.snapshot.revision.number == before.number + 1)
        // Another login that was as early does nothing.
        try await administration.strengthenHash(of: "hello, world", shown: proof, origin: "ldap:127.0.0.1")
        #expect(directory.snapshot.revision.number == before.number + 1)
        // Another password ends the proof.
        try await setPassword(of: "li", to: Self.password + "2", by: try actor(.operator(.init(stored: "usr-op"))))
        #expect(throws: RosterError.self) { try proof.user(in: directory.snapshot, now: Fixtures.time) }
    }

    @Test func aStrongHashStays() async throws {
        var li = try #require(user("li"))
        li.password = PasswordHash(stored: "$y$j9T$x$y")
        try await directory.commit(Fixtures.change([], [li]))
        let proof = try #require(PasswordAuthentication(of: li))
        try await administration.strengthenHash(of: "hello", shown: proof, origin: "ldap:127.0.0.1")
        #expect(user("li")?.password?.text == "$y$j9T$x$y")
    }

    @Test func aHashThatCannotBeKeptLeavesTheOldOne() async throws {
        let weak = PasswordHash(stored: "{MD5}XrY7u+Ae7tCTyyK7j1rNww==")
        var li = try #require(user("li"))
        li.password = weak
        try await directory.commit(Fixtures.change([], [li]))
        let proof = try #require(PasswordAuthentication(of: li))
        li.state = .locked
        try await directory.commit(Fixtures.change([], [li]))
        await #expect(throws: RosterError.self) {
            try await administration.strengthenHash(of: "hello", shown: proof, origin: "ldap:127.0.0.1")
        }
        #expect(user("li")?.password == weak)
    }

    @Test func aPasswordGivesTheRightsOfItsRowInItsClusterAlone() async throws {
        let boss = try await actor(byPasswordOf: "boss")
        let refused = await #expect(throws: RosterError.self) {
            try await setPassword(of: "helper", to: Self.password + "2", by: boss)
        }
        #expect(refused?.code == .permissionDenied)
        let elsewhere = await #expect(throws: RosterError.self) {
            try await administration.execute(
                .setPassword(username: "alone", password: Self.password, present: nil),
                cluster: Fixtures.cluster("other000").id, zone: Fixtures.zone, by: boss)
        }
        #expect(elsewhere?.code == .notFound)
        try await setPassword(of: "zhang", to: Self.password + "2", by: boss)
        try await setPassword(of: "boss", to: Self.password + "2", by: boss)
    }

    @Test func theAdminAndTheOnlyUserStay() async throws {
        try await expect(.permissionDenied, .delete(username: "admin"), as: "operator")
        try await expect(
            .permissionDenied, .delete(username: "alone"), as: "operator", cluster: Fixtures.cluster("other000").id)
        try await expect(.noSuchUser, .delete(username: "nobody1"), as: "operator")
    }

    @Test func lockingTakesTheRightsOfAKeyAway() async throws {
        try await execute(.setState(username: "helper", state: .locked), as: "operator")
        #expect(throws: RosterError.self) { try actor(.account(AccountID(stored: "usr-helper"))) }
    }

    @Test func rightsAreThoseOfNowAndNotOfTheRequest() async throws {
        let before = try actor(.account(AccountID(stored: "usr-helper")))
        try await execute(.setState(username: "helper", state: .locked), as: "operator")
        await #expect(throws: Authorization.notAuthenticated) {
            try await administration.execute(add("wang"), cluster: cluster.id, zone: Fixtures.zone, by: before)
        }
        var change = Fixtures.change()
        change.keys = [Fixtures.key()]
        change.keys[0].revokeTime = Fixtures.time
        try await directory.commit(change)
        await #expect(throws: Authorization.notAuthenticated) { try await execute(add("wang"), as: "operator") }
    }

    @Test func theSameRequestGetsTheFirstAnswer() async throws {
        let digest: [UInt8] = [1, 2, 3]
        let first = try await execute(add("wang"), as: "admin", digest: digest)
        let revision = directory.snapshot.revision
        #expect(try await execute(add("wang"), as: "admin", digest: digest) == first)
        #expect(directory.snapshot.revision == revision)
        // A refusal is repeated too, even where the reason has gone meanwhile.
        let refused: [UInt8] = [9]
        await #expect(throws: RosterError.self) { try await execute(add("wang"), as: "admin", digest: refused) }
        try await execute(.delete(username: "wang"), as: "admin")
        let error = await #expect(throws: RosterError.self) {
            try await execute(add("wang"), as: "admin", digest: refused)
        }
        #expect(error?.code == .accountExists)
        #expect(user("wang") == nil)
    }

    @Test func aStoreThatIsAwayChangesNothingAndIsSaid() async throws {
        store.fail(with: .unavailable(cause: "test"))
        let error = await #expect(throws: RosterError.self) { try await execute(add("wang"), as: "admin") }
        #expect(error?.code == .busy)
        store.fail(with: nil)
        await directory.refresh()
        try await execute(add("wang"), as: "admin")
    }

    @Test(arguments: [MemoryStore.Parting.made, .lost])
    func anOrderWhoseEndIsNotKnownIsRunOnceWhenItIsSentAgain(parting: MemoryStore.Parting) async throws {
        let digest: [UInt8] = [7]
        store.goAway(atNextCommit: parting)
        let error = await #expect(throws: RosterError.self) {
            try await execute(add("wang"), as: "admin", digest: digest)
        }
        #expect(error?.code == .busy)
        #expect(error?.message.contains("send the same request again") == true)
        store.fail(with: nil)
        await directory.refresh()
        #expect((user("wang") != nil) == (parting == .made))
        let job = try await execute(add("wang"), as: "admin", digest: digest)
        #expect(try await execute(add("wang"), as: "admin", digest: digest) == job)
        #expect(user("wang") != nil)
        #expect(try await directory.operations(OperationQuery(scope: .all)).operations.map(\.id) == [job])
    }

    @Test func concurrentOrdersAllHold() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { try await execute(add("n\(number)"), as: "admin") }
                group.addTask {
                    try await execute(
                        .setExpiry(username: "zhang", expires: Timestamp(seconds: Int64(number))), as: "admin")
                }
            }
            try await group.waitForAll()
        }
        let numbers = (0..<40).compactMap { user("n\($0)")?.uidNumber }
        #expect(Set(numbers).count == 40)
        #expect(try await store.events(after: 0, limit: 1000).count == 160)
    }

    @Test func ordersAboutManyUsersDoNotKeepEachOtherFromBeingCommitted() async throws {
        let names = (0..<300).map { "m\($0)" }
        try await directory.commit(
            Fixtures.change([], names.enumerated().map { Fixtures.user($1, uid: 20_000 + UInt32($0)) }))
        let revision = directory.snapshot.revision
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names {
                group.addTask { try await execute(.setState(username: name, state: .locked), as: "admin") }
            }
            try await group.waitForAll()
        }
        #expect(names.allSatisfy { user($0)?.state == .locked })
        #expect(directory.snapshot.revision == Revision(revision.number + 300))
    }

    @Test func manyOrdersAboutOneUserAllHold() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await execute(
                        .setExpiry(username: number % 2 == 0 ? "zhang" : "ZHANG", expires: Timestamp(seconds: 1)),
                        as: "admin")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.events(after: 0, limit: 1000).count { $0.event.status == .successful } == 200)
    }

    /// Does something the first time that it hashes, as somebody else may while a hash is made.
    private struct InterruptedHashing: PasswordHashing {
        let interruption: @Sendable () async -> Void

        func hash(_ password: String, for client: QueueClient) async throws(RosterError) -> PasswordHash {
            await interruption()
            return PasswordHash(stored: "hash")
        }

        func verify(
            _ password: String, against hash: PasswordHash, for client: QueueClient
        ) async throws(RosterError) -> Bool { true }
    }

    /// What may happen while a password is hashed.
    private enum Meanwhile: String, CaseIterable {
        case theKeyIsRevoked, theCallerIsLocked, theUserIsRemoved
    }

    @Test(arguments: Meanwhile.allCases, [true, false])
    private func nothingIsCommittedAfterItsPreconditionsAreGone(meanwhile: Meanwhile, adds: Bool) async throws {
        var change = Fixtures.change()
        switch meanwhile {
        case .theKeyIsRevoked:
            change.keys = [Fixtures.key()]
            change.keys[0].revokeTime = Fixtures.time
        case .theCallerIsLocked:
            var helper = try #require(user("helper"))
            helper.state = .locked
            change.users = [helper]
        case .theUserIsRemoved:
            guard !adds else { return }
            change.removedUsers = [try #require(user("zhang")).id]
        }
        // Not through this directory: only the store knows of it when the command commits.
        let administration = UserCommandHandler(
            directory: directory,
            hashing: InterruptedHashing { [store, change] in _ = try? await store.commit(change) })
        let command: UserCommand =
            adds ? add("wang") : .setPassword(username: "zhang", password: Self.password, present: nil)
        let error = await #expect(throws: RosterError.self) {
            try await administration.execute(
                command, cluster: cluster.id, zone: Fixtures.zone,
                by: try actor(.account(AccountID(stored: "usr-helper"))))
        }
        #expect(error?.code == (meanwhile == .theUserIsRemoved ? .noSuchUser : .notAuthenticated))
        #expect(user("wang") == nil)
        #expect(user("zhang")?.password?.text != "hash")
    }
}
