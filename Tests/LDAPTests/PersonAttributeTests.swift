import RosterLDAP
import RosterModel
import RosterTesting
import Testing

@testable import RosterLDAP

/// What the directory knows of a person is served, searched, and withheld where it would let a locked user in.
@Suite(.timeLimit(.minutes(5))) struct PersonAttributeTests {
    private static func user(_ name: String, uid: UInt32, _ edit: (inout User) -> Void) -> User {
        var user = Fixtures.user(name, uid: uid, cluster: LDAPFixture.cluster)
        user.attributes[.sshPublicKey] = [Array("ssh-ed25519 AAAA \(name)".utf8)]
        edit(&user)
        return user
    }

    private static let users = [
        user("wei", uid: 20_001) { user in
            for (attribute, text) in [
                (.fullName, "Zhang Wei"), (.surname, "Zhang"), (.mail, "wei@example.org"), (.shadowMax, "90"),
                (.host, "login1"),
                (.title, "Professor  of  Optics"),
            ] as [(UserAttribute, String)] { user.attributes[attribute] = [Array(text.utf8)] }
            user.attributes[.mail].append(Array("w@example.org".utf8))
            user.attributes[.photo] = [[0xFF, 0xD8, 0xFF, 0]]
        },
        user("expired", uid: 20_002) { $0.expires = Timestamp(seconds: Fixtures.time.seconds) },
        user("shut", uid: 20_003) { $0.state = .locked },
        user("later", uid: 20_004) { $0.expires = Timestamp(seconds: Fixtures.time.seconds + 1) },
    ]

    private func connect() async throws -> Connection { try await LDAPFixture(users: Self.users).connect() }

    private func entry(_ connection: Connection, _ name: String) async throws -> ResponseMessage {
        let found = try await connection.ask(.search(LDAPFixture.people, .oneLevel, .equal("uid", name), ["*"]))
        return try #require(found.first)
    }

    @Test func everyAttributeIsInTheEntry() async throws {
        let attributes = try await entry(try await connect(), "wei").attributes
        #expect(attributes["cn"] == ["Zhang Wei"])
        #expect(attributes["sn"] == ["Zhang"])
        #expect(attributes["mail"] == ["wei@example.org", "w@example.org"])
        #expect(attributes["shadowMax"] == ["90"])
        #expect(attributes["jpegPhoto"]?.count == 1)
        #expect(attributes["objectClass"]?.suffix(2) == ["ldapPublicKey", "hostObject"])
        #expect(attributes["givenName"] == nil)
    }

    @Test func whoHasNoNameOfItsOwnIsCalledByTheUsername() async throws {
        let attributes = try await entry(try await connect(), "later").attributes
        #expect(attributes["cn"] == ["later"] && attributes["sn"] == ["later"])
    }

    @Test func keysOfThoseWhoMayNotLogInAreWithheld() async throws {
        let connection = try await connect()
        for (name, hasKey) in [("wei", true), ("later", true), ("expired", false), ("shut", false)] {
            #expect(try await (entry(connection, name).attributes["sshPublicKey"] != nil) == hasKey, "\(name)")
        }
        let found = try await connection.search(LDAPFixture.people, .oneLevel, .present("sshPublicKey"))
        #expect(found.map { $0.prefix(8) }.sorted() == ["uid=late", "uid=wei,"])
    }

    @Test func expiredKeysAreNeitherShownNorFound() async throws {
        let (expired, valid) = (
            "expiry-time=\"20200101000000Z\" ssh-ed25519 AAAA old",
            "expiry-time=\"20990101000000Z\" ssh-ed25519 AAAA new"
        )
        let users = [
            Self.user("one", uid: 20_001) { $0.attributes[.sshPublicKey] = [Array(expired.utf8)] },
            Self.user("two", uid: 20_002) { $0.attributes[.sshPublicKey] = [Array(expired.utf8), Array(valid.utf8)] },
        ]
        let connection = try await LDAPFixture(users: users).connect()
        #expect(try await entry(connection, "one").attributes["sshPublicKey"] == nil)
        #expect(try await entry(connection, "two").attributes["sshPublicKey"] == [valid])
        for (filter, found) in [
            (.present("sshPublicKey"), ["uid=two,"]), (.equal("sshPublicKey", expired), []),
            (.equal("sshPublicKey", valid), ["uid=two,"]),
        ] as [(RequestMessage.Filter, [String])] {
            let names = try await connection.search(LDAPFixture.people, .oneLevel, filter)
            #expect(names.map { String($0.prefix(8)) } == found)
        }
    }

    @Test func filtersFindThem() async throws {
        let connection = try await connect()
        func names(_ filter: RequestMessage.Filter) async throws -> [String] {
            try await connection.search(LDAPFixture.people, .oneLevel, filter).map {
                String($0.prefix { $0 != "," }.dropFirst(4))
            }
        }
        #expect(try await names(.equal("mail", "W@EXAMPLE.org")) == ["wei"])
        #expect(try await names(.equal("rfc822Mailbox", "wei@example.org")) == ["wei"])
        #expect(try await names(.equal("cn", "zhang wei")) == ["wei"])
        #expect(try await names(.equal("cn", "wei")) == [])
        #expect(try await names(.equal("cn", "LATER")) == ["later"])
        #expect(try await names(.equal("sn", "zhang")) == ["wei"])
        #expect(try await names(.equal("title", "professor of optics")) == ["wei"])
        #expect(try await names(.equal("shadowMax", "90")) == ["wei"])
        #expect(try await names(.equal("objectClass", "hostObject")) == ["wei"])
        #expect(try await names(.and([.equal("objectClass", "ldapPublicKey"), .present("mail")])) == ["wei"])
        let without = try await names(.not(.present("mail")))
        #expect(!without.contains("wei") && without.contains("later") && without.contains("zhangs"))
    }

    @Test func withoutAttributesNobodyIsFoundByThem() async throws {
        let connection = try await LDAPFixture().connect()
        #expect(try await connection.search(LDAPFixture.people, .oneLevel, .present("mail")).isEmpty)
        #expect(try await connection.search(LDAPFixture.people, .oneLevel, .not(.present("mail"))).count == 4)
        #expect(try await connection.search(LDAPFixture.people, .oneLevel, .equal("cn", "zhangs")).count == 1)
    }
}
