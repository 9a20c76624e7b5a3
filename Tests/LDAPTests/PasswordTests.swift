import RosterDirectory
import RosterLDAP
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import SwiftASN1
import Testing

/// The password modify operation (RFC 3062).
@Suite(.timeLimit(.minutes(5))) struct PasswordTests {
    private let people = LDAPFixture.people
    private static let old = "secret of zhangs"
    private static let new = "Correct1Horses"

    private static let admins = ["admin", "helper"].enumerated().map { place, name in
        var user = Fixtures.user(
            name, uid: UInt32(10_100 + place), cluster: LDAPFixture.cluster, account: "usr-\(name)", role: .admin)
        user.password = PasswordHash(stored: "secret of \(name)")
        return user
    }

    private func served(_ change: @Sendable (inout LDAPServerConfiguration) -> Void = { _ in }) async throws
        -> LDAPFixture
    {
        try await LDAPFixture(users: Self.admins, change: change)
    }

    private func name(_ user: String) -> String { "uid=\(user),\(people)" }

    private func hash(_ user: String, _ served: LDAPFixture) -> String? {
        served.directory.snapshot.user(named: user, in: LDAPFixture.cluster.id)?.password?.text
    }

    private func code(_ connection: Connection, of identity: String?, old: String? = nil, new: String? = new)
        async throws -> ResultCode?
    {
        try await connection.ask(.changePassword(of: identity, old: old, new: new)).last?.code
    }

    private func lastEvent(_ served: LDAPFixture) async throws -> OperationEvent? {
        try await served.store.events(after: 0, limit: 10_000).last?.event
    }

    // MARK: A user

    @Test(arguments: [nil, "uid=zhangs,\(LDAPFixture.people)", "cn=ZHANGS, ou=people,ou=hpc-aaaa,\(LDAPFixture.base)"])
    func aUserChangesItsOwnAfterABind(identity: String?) async throws {
        let served = try await served()
        let connection = try await served.connect(as: "zhangs", Self.old)
        #expect(try await code(connection, of: identity) == .success)
        // At once: the new one lets in, the old one does not.
        _ = try await served.connect(as: "zhangs", Self.new)
        await #expect(throws: BindError.self) { try await served.connect(as: "zhangs", Self.old) }
    }

    @Test func aRightBindHashesAWeakPasswordAnewAndStaysBound() async throws {
        // Hashes of these tests are the passwords themselves.
        let weak = "{MD5}XrY7u+Ae7tCTyyK7j1rNww=="
        var user = Fixtures.user("weak", uid: 10_200, cluster: LDAPFixture.cluster, account: "usr-weak")
        user.password = PasswordHash(stored: weak)
        let served = try await LDAPFixture(users: [user])
        await #expect(throws: BindError.self) { try await served.connect(as: "weak", "wrong") }
        let before = served.directory.snapshot.revision
        let connection = try await served.connect(as: "weak", weak)
        try await served.directory.wait(for: before.next, atMost: .seconds(60))
        let event = try await lastEvent(served)
        #expect(event?.message == "password hashed anew" && event?.submitter == "user:weak")
        #expect(try await code(connection, of: nil) == .success)
        #expect(hash("weak", served) == Self.new)
    }

    @Test func weakHashesStayWhereTheServerKeepsThem() async throws {
        let weak = "{MD5}XrY7u+Ae7tCTyyK7j1rNww=="
        var user = Fixtures.user("weak", uid: 10_200, cluster: LDAPFixture.cluster, account: "usr-weak")
        user.password = PasswordHash(stored: weak)
        let served = try await LDAPFixture(users: [user]) { $0.renewsWeakHashes = false }
        let before = served.directory.snapshot.revision
        _ = try await served.connect(as: "weak", weak)
        // A command that comes later is committed after a renewal would have been.
        try await Task.sleep(for: .milliseconds(100))
        await served.directory.refresh()
        #expect(served.directory.snapshot.revision == before)
        #expect(hash("weak", served) == weak)
    }

    @Test func anOldPasswordThatIsGivenMustBeRight() async throws {
        let served = try await served()
        let own = try await served.connect(as: "zhangs", Self.old)
        #expect(try await code(own, of: nil, old: "wrong") == .unwillingToPerform)
        #expect(try await code(own, of: nil, old: "") == .unwillingToPerform)
        #expect(hash("zhangs", served) == Self.old)
        // Of whoever asks: nobody gives one that does not matter.
        let key = try await served.connect(key: LDAPFixture.operatorKey)
        #expect(try await code(key, of: name("zhangs"), old: "wrong") == .unwillingToPerform)
        #expect(try await code(own, of: nil, old: Self.old) == .success)
        #expect(try await code(key, of: name("zhangs"), old: Self.new, new: Self.new + "2") == .success)
    }

    @Test func wrongOldPasswordsAreCountedAsFailedBinds() async throws {
        let served = try await served()
        let connection = try await served.connect(as: "zhangs", Self.old)
        for _ in 0..<LDAPFixture.allowedFailures {
            _ = try await connection.ask(.changePassword(of: nil, old: "wrong", new: Self.new))
        }
        let answer = try await connection.ask(.changePassword(of: nil, old: "wrong", new: Self.new)).last
        #expect(answer?.code == .unwillingToPerform)
        #expect(answer?.message.contains("try again in") == true)
        #expect(try await code(connection, of: nil, old: Self.old) == .success)
    }

    @Test func aMemberChangesNobodyElses() async throws {
        let served = try await served()
        let connection = try await served.connect(as: "zhangs", Self.old)
        for other in ["boss", "admin", "nobody"] {
            #expect(try await code(connection, of: name(other)) == .noSuchObject)
        }
        #expect(try await code(connection, of: "uid=other,ou=People,ou=hpc-bbbb,\(LDAPFixture.base)") == .noSuchObject)
        #expect(hash("boss", served) == "secret of boss")
    }

    @Test func anAdminsPasswordChangesMembersOfItsClusterAndItself() async throws {
        let served = try await served()
        let connection = try await served.connect(as: "admin", "secret of admin")
        #expect(try await code(connection, of: name("zhangs")) == .success)
        #expect(try await code(connection, of: name("locked")) == .success)
        for other in ["boss", "helper"] {
            #expect(try await code(connection, of: name(other)) == .insufficientAccessRights)
        }
        #expect(try await code(connection, of: "uid=other,ou=People,ou=hpc-bbbb,\(LDAPFixture.base)") == .noSuchObject)
        #expect(try await code(connection, of: nil) == .success)
    }

    @Test func aBossByItsPasswordIsConfinedToItsCluster() async throws {
        let connection = try await served().connect(as: "boss", "secret of boss")
        #expect(try await code(connection, of: "uid=other,ou=People,ou=hpc-bbbb,\(LDAPFixture.base)") == .noSuchObject)
        #expect(try await code(connection, of: name("admin")) == .insufficientAccessRights)
        #expect(try await code(connection, of: nil) == .success)
    }

    @Test func aPasswordThatWasChangedProvesNothingMore() async throws {
        let served = try await served()
        let thief = try await served.connect(as: "zhangs", Self.old)
        let key = try await served.connect(key: LDAPFixture.operatorKey)
        #expect(try await code(key, of: name("zhangs")) == .success)
        #expect(try await code(thief, of: nil, new: "Thief1Thief1") == .strongerAuthRequired)
        #expect(hash("zhangs", served) == Self.new)
    }

    @Test func whoWasLockedAfterItsBindChangesNothing() async throws {
        let served = try await served()
        let connection = try await served.connect(as: "zhangs", Self.old)
        var user = try #require(served.directory.snapshot.user(named: "zhangs", in: LDAPFixture.cluster.id))
        user.state = .locked
        try await served.directory.commit(Fixtures.change([], [user]))
        #expect(try await code(connection, of: nil) == .strongerAuthRequired)
    }

    // MARK: A key

    @Test func keysChangeWhatTheirRightsLetThem() async throws {
        let served = try await served()
        let everything = try await served.connect(key: LDAPFixture.operatorKey)
        for user in ["zhangs", "admin", "boss"] {
            #expect(try await code(everything, of: name(user)) == .success)
            #expect(hash(user, served) == Self.new)
        }
        #expect(try await code(everything, of: nil) == .noSuchObject)
        #expect(
            try await code(everything, of: "cn=\(LDAPFixture.reader),ou=Services,\(LDAPFixture.base)")
                == .unwillingToPerform)
        var change = Fixtures.change()
        let id = AccessKeyID(stored: "ADMINSADMINSADMINSAD")
        change.keys = [
            AccessKey(
                id: id, principal: .account(AccountID(stored: "usr-helper")),
                secret: try PlaintextSealing().seal(Array("s3cret".utf8), of: ""), createTime: Fixtures.time)
        ]
        try await served.directory.commit(change)
        let admin = try await served.connect(key: id)
        #expect(try await code(admin, of: name("zhangs"), new: Self.new + "2") == .success)
        #expect(try await code(admin, of: name("admin")) == .insufficientAccessRights)
    }

    @Test func aReadersKeyChangesNothing() async throws {
        let served = try await served()
        let connection = try await served.connect()
        for old in [nil, Self.old] {
            #expect(try await code(connection, of: name("zhangs"), old: old) == .insufficientAccessRights)
        }
        #expect(hash("zhangs", served) == Self.old)
    }

    // MARK: What is refused

    @Test func onlyWhoIsBoundAsks() async throws {
        let served = try await served()
        #expect(
            try await code(try await served.connect(key: nil), of: name("zhangs"), old: Self.old)
                == .strongerAuthRequired)
    }

    @Test func overANetworkOnlyEncrypted() async throws {
        let connection = try await served().connect(from: "10.0.0.7", key: nil)
        #expect(try await code(connection, of: name("zhangs")) == .confidentialityRequired)
    }

    @Test(arguments: ["Short1", "alllowercase1", "Has Space 1234"])
    func theRuleOfPasswordsHolds(password: String) async throws {
        let connection = try await served().connect(as: "zhangs", Self.old)
        let answer = try await connection.ask(.changePassword(of: nil, new: password)).last
        #expect(answer?.code == .constraintViolation)
        #expect(answer?.message.isEmpty == false)
        #expect(answer?.message.contains(password) == false)
    }

    @Test(arguments: [
        ("malformed", ResultCode.invalidAttributeSyntax), ("uid=nobody,\(LDAPFixture.people)", .noSuchObject),
        ("ou=hpc-aaaa,\(LDAPFixture.base)", .noSuchObject), ("dc=other", .noSuchObject), ("", .noSuchObject),
        ("uid=zhangs,ou=People,ou=hpc-none,\(LDAPFixture.base)", .noSuchObject),
    ])
    func tellsWhereNobodyIs(identity: String, expected: ResultCode) async throws {
        let connection = try await served().connect(key: LDAPFixture.operatorKey)
        #expect(try await code(connection, of: identity) == expected)
    }

    @Test func refusesWhatItCannotRead() async throws {
        let connection = try await served().connect(as: "zhangs", Self.old)
        // No BER; a length without end; no sequence; an old password out of its place; a part that nobody knows.
        for value: [UInt8] in [
            [1, 2, 3], [0x30, 0x80, 0, 0], [0x04, 1, 65], [0x30, 6, 0x82, 1, 65, 0x81, 1, 66], [0x30, 3, 0x83, 1, 65],
        ] {
            let answer = try await connection.ask(.extended(ExtendedRequest.modifyPassword, value)).last
            #expect(answer?.code == .protocolError)
        }
        #expect(try await code(connection, of: nil, new: "") == .unwillingToPerform)
    }

    @Test(arguments: [
        (StoreError.readOnly(cause: "full"), ResultCode.unwillingToPerform), (.busy, .busy),
        (.unavailable(cause: "gone"), .busy),
    ])
    func saysWhyNothingIsWrittenNow(failure: StoreError, expected: ResultCode) async throws {
        let served = try await served()
        let connection = try await served.connect(as: "zhangs", Self.old)
        served.store.fail(with: failure)
        let answer = try await connection.ask(.changePassword(of: nil, new: Self.new)).last
        #expect(answer?.code == expected)
        #expect(answer?.message.contains("gone") == false)
        served.store.fail(with: nil)
        // Nobody follows here, who would find out.
        await served.directory.refresh()
        #expect(try await code(connection, of: nil) == .success)
    }

    // MARK: What is told

    @Test(arguments: [nil, [UInt8]([0x30, 0])])
    func makesAPasswordWhereNoneIsGiven(value: [UInt8]?) async throws {
        let served = try await served()
        let connection = try await served.connect(as: "zhangs", Self.old)
        let answer = try await connection.ask(.extended(ExtendedRequest.modifyPassword, value)).last
        #expect(answer?.code == .success)
        // SEQUENCE { [0] OCTET STRING }: its headers are of six bytes, then of two.
        let bytes = Array(try #require(answer?.valueBytes))
        #expect(bytes.prefix(1) == [0x30])
        #expect(bytes.dropFirst(6).prefix(2) == [0x80, 20])
        let generated = String(decoding: bytes.dropFirst(8), as: UTF8.self)
        try PasswordRule.standard.check(generated)
        _ = try await served.connect(as: "zhangs", generated)
    }

    @Test func aPasswordThatWasGivenIsNotSentBack() async throws {
        let connection = try await served().connect(as: "zhangs", Self.old)
        #expect(try await connection.ask(.changePassword(of: nil, new: Self.new)).last?.valueBytes == nil)
    }

    @Test func theOperationLogTellsWhoAskedAndNoPassword() async throws {
        let served = try await served()
        let connection = try await served.connect(as: "zhangs", Self.old)
        _ = try await connection.ask(.changePassword(of: nil, old: "wrong", new: Self.new))
        let refused = try #require(try await lastEvent(served))
        #expect(refused.status == .failed)
        #expect(refused.error == .passwordMismatch)
        _ = try await connection.ask(.changePassword(of: nil, new: Self.new))
        let done = try #require(try await lastEvent(served))
        #expect(done.status == .successful)
        for event in [refused, done] {
            #expect(event.action == "ModifyUser")
            #expect(event.owner == AccountID(stored: "usr-10000"))
            #expect(event.submitter == "user:zhangs")
            #expect(event.origin == "ldap:127.0.0.1")
            #expect(event.resources.first == "zhangs" && event.resources.count == (event == done ? 2 : 1))
            #expect(event.clusters == [LDAPFixture.cluster.id])
            #expect(!"\(event)".contains(Self.new))
        }
        let key = try await served.connect(key: LDAPFixture.operatorKey)
        _ = try await key.ask(.changePassword(of: name("zhangs"), new: Self.new))
        #expect(try await lastEvent(served)?.submitter == LDAPFixture.operatorKey.text)
    }

    @Test func requestsBehindAChangeWaitForIt() async throws {
        let connection = try await served().connect(as: "zhangs", Self.old)
        try await connection.send([
            .changePassword(of: nil, new: Self.new), .extended(ExtendedRequest.whoAmI),
            .search(people, .oneLevel, .equal("uid", "zhangs"), ["uid"]),
        ])
        let answers = try await connection.answers(count: 4)
        #expect(answers.map(\.tag) == [24, 24, 4, 5])
        #expect(answers.map(\.id) == [2, 3, 4, 4])
    }

    @Test func aBindEndsWithItsPassword() async throws {
        let served = try await served()
        let thief = try await served.connect(as: "zhangs", Self.old)
        let admin = try await served.connect(as: "admin", "secret of admin")
        let search = RequestMessage.search(people, .oneLevel, .equal("uid", "zhangs"), ["uid"])
        #expect(try await thief.ask(search).last?.code == .success)
        #expect(try await code(admin, of: name("zhangs")) == .success)
        #expect(try await thief.ask(search).last?.code == .insufficientAccessRights)
        // Who has reset it is bound as before.
        #expect(try await admin.ask(search).last?.code == .success)
    }

    @Test func aUserStaysBoundAfterItsOwnChange() async throws {
        let served = try await served()
        let own = try await served.connect(as: "zhangs", Self.old)
        let elsewhere = try await served.connect(as: "zhangs", Self.old)
        #expect(try await code(own, of: nil) == .success)
        let search = RequestMessage.search(people, .oneLevel, .equal("uid", "zhangs"), ["uid"])
        let answers = try await own.ask(search)
        #expect(answers.map(\.tag) == [4, 5])
        #expect(answers.last?.code == .success)
        // It reads on; the next change needs the new password.
        #expect(try await code(own, of: nil, new: "Another1Horse") == .strongerAuthRequired)
        // A second connection of the old password is not.
        #expect(try await elsewhere.ask(search).last?.code == .insufficientAccessRights)
    }

    @Test func noParameterOfTheAPIIsNamed() async throws {
        let served = try await served()
        let reader = try await served.connect(key: LDAPFixture.reader)
        let refused = try await reader.ask(.changePassword(of: name("zhangs"), new: Self.new)).last
        #expect(refused?.message == "a reader key changes nothing")
        let admin = try await served.connect(as: "admin", "secret of admin")
        let other = try await admin.ask(.changePassword(of: name("helper"), new: Self.new)).last
        #expect(other?.message == "helper is admin, which only a boss may change")
        // A rule of passwords is said as before: nodes show it to their users.
        let short = try await admin.ask(.changePassword(of: name("zhangs"), new: "short")).last
        #expect(short?.message.hasPrefix("password: ") == true)
    }
}
