import RosterDirectory
import RosterLDAP
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// Members are named by their entries, and users name their groups, as rfc2307bis and the overlay memberof have it.
@Suite(.timeLimit(.minutes(2))) struct MembershipTests {
    private static let groups = "ou=Group,ou=hpc-aaaa,\(LDAPFixture.base)"
    private static let names = ["ann", "b, c", "D+e", "#f", " g", "Zoë"]

    private static func served() async throws -> LDAPFixture {
        let users = names.enumerated().map { place, name in
            var user = Fixtures.user(name, uid: UInt32(11_000 + place), cluster: LDAPFixture.cluster)
            user.password = PasswordHash(stored: "secret of \(name)")
            return user
        }
        let served = try await LDAPFixture(users: users)
        var change = Fixtures.change()
        change.groups = [
            Group(
                cluster: LDAPFixture.cluster.id, name: "a, b+c", gidNumber: 12_000, isPrimary: false,
                members: users.map(\.id)),
            Group(
                cluster: LDAPFixture.cluster.id, name: "#two", gidNumber: 12_001, isPrimary: false,
                members: [users[0].id]),
            Group(cluster: LDAPFixture.cluster.id, name: "none", gidNumber: 12_002, isPrimary: false),
        ]
        try await served.directory.commit(change)
        return served
    }

    private func group(_ connection: Connection, _ gid: Int, _ attributes: [String]) async throws -> ResponseMessage {
        let found = try await connection.ask(
            .search(Self.groups, .oneLevel, .equal("gidNumber", "\(gid)"), attributes))
        return try #require(found.first)
    }

    @Test func namesOfMembersAreThoseOfTheirEntries() async throws {
        let connection = try await Self.served().connect()
        let attributes = try await group(connection, 12_000, ["member", "uniqueMember", "memberUid"]).attributes
        let members = try #require(attributes["member"])
        #expect(attributes["uniqueMember"] == members)
        #expect(attributes["memberUid"] == Self.names)
        #expect(members.count == Self.names.count)
        for (name, member) in zip(Self.names, members) {
            // The value is a name that a search can start at, and by which its groups are found.
            let found = try await connection.ask(.search(member, .base, .present("objectClass"), ["uid", "entryDN"]))
            #expect(found.first?.attributes == ["uid": [name], "entryDN": [member]])
            for type in ["member", "uniqueMember", "MEMBER", "2.5.4.31"] {
                let groups = try await connection.search(Self.groups, .oneLevel, .equal(type, member))
                #expect(groups.first == "cn=a\\, b\\+c,\(Self.groups)")
                #expect(groups.count == (name == "ann" ? 2 : 1))
            }
        }
    }

    @Test func usersNameTheirGroups() async throws {
        let connection = try await Self.served().connect()
        let two = "cn=\\#two,\(Self.groups)"
        let first = "cn=a\\, b\\+c,\(Self.groups)"
        func entry(_ name: String, _ attributes: [String]) async throws -> [String: [String]] {
            let found = try await connection.ask(
                .search(LDAPFixture.people, .oneLevel, .equal("uid", name), attributes))
            return try #require(found.first).attributes
        }
        #expect(try await entry("ann", ["memberOf"]) == ["memberOf": [first, two]])
        #expect(try await entry("ann", ["MEMBEROF", "uid"]) == ["uid": ["ann"], "memberOf": [first, two]])
        #expect(try await entry("ann", ["+"])["memberOf"] == [first, two])
        // It is operational, as slapd's is.
        #expect(try await entry("ann", ["*"])["memberOf"] == nil)
        #expect(try await entry("locked", ["memberOf", "+"])["memberOf"] == nil)
        for (name, groups) in [(first, Self.names.count), (two, 1), ("cn=none,\(Self.groups)", 0)] {
            #expect(
                try await connection.search(LDAPFixture.people, .oneLevel, .equal("memberOf", name)).count == groups)
        }
    }

    @Test(arguments: [
        ("cn=#two,ou=Group", 0), ("CN=\\23TWO , OU=GROUP", 1), ("2.5.4.3=\\23two,ou=group", 1), ("cn=two,ou=Group", 0),
        ("cn=a\\2C b\\2bc,ou=Group", 6), ("uid=ann,ou=People", 0), ("cn=gpu,ou=Group", 2), ("cn=nothing,ou=Group", 0),
    ])
    func namesAreComparedAsNames(start: String, count: Int) async throws {
        let connection = try await Self.served().connect()
        let filter = RequestMessage.Filter.equal("memberOf", "\(start),ou=hpc-aaaa,\(LDAPFixture.base)")
        #expect(try await connection.search(LDAPFixture.people, .oneLevel, filter).count == count)
        #expect(
            try await connection.search(
                LDAPFixture.people, .oneLevel, .and([filter, .equal("objectClass", "posixAccount")])
            ).count == count)
        let others = RequestMessage.Filter.not(filter)
        // A malformed name is Undefined, and so is its negation.
        let all = start == "cn=#two,ou=Group" ? 0 : 10 - count
        #expect(try await connection.search(LDAPFixture.people, .oneLevel, others).count == all)
    }

    @Test func presenceAndPiecesOfNames() async throws {
        let connection = try await Self.served().connect()
        func count(_ base: String, _ filter: RequestMessage.Filter) async throws -> Int {
            try await connection.search(base, .oneLevel, filter).count
        }
        #expect(try await count(LDAPFixture.people, .present("memberOf")) == 8)
        #expect(try await count(LDAPFixture.people, .not(.present("memberOf"))) == 2)
        #expect(try await count(Self.groups, .present("member")) == 3)
        #expect(try await count(Self.groups, .not(.present("uniqueMember"))) == 2)
        #expect(try await count(Self.groups, .equal("objectClass", "groupOfUniqueNames")) == 5)
        // Names have no rule for pieces.
        #expect(try await count(Self.groups, .contains("member", "ann")) == 0)
        #expect(try await count(Self.groups, .not(.contains("member", "ann"))) == 0)
        #expect(try await count(Self.groups, .equal("uniqueMember", "uid=ann,\(LDAPFixture.people)#'0101'B")) == 0)
        #expect(try await count(Self.groups, .equal("uniqueMember", "uid=ann#'0'B,\(LDAPFixture.people)")) == 0)
        #expect(
            try await count(Self.groups, .equal("member", "uid=ann,ou=People,ou=hpc-bbbb,\(LDAPFixture.base)")) == 0)
        #expect(try await count(Self.groups, .equal("structuralObjectClass", "groupOfNames")) == 5)
    }

    @Test func compares() async throws {
        let connection = try await Self.served().connect()
        let group = "cn=\\#two,\(Self.groups)"
        for (type, name, code) in [
            ("member", "UID=Ann,\(LDAPFixture.people)", ResultCode.compareTrue),
            ("uniqueMember", "uid=locked,\(LDAPFixture.people)", .compareFalse),
            ("member", "uid=\\zz", .invalidAttributeSyntax),
        ] {
            #expect(try await connection.ask(.compare(group, type, name)).last?.code == code)
        }
        let user = "uid=ann,\(LDAPFixture.people)"
        #expect(try await connection.ask(.compare(user, "memberOf", group)).last?.code == .compareTrue)
    }

    @Test func aMemberSeesNoOtherMember() async throws {
        let connection = try await Self.served().connect(as: "ann", "secret of ann")
        let own = "uid=ann,\(LDAPFixture.people)"
        #expect(try await group(connection, 12_000, ["member"]).attributes == ["member": [own]])
        #expect(try await group(connection, 10_900, ["member", "uniqueMember"]).attributes == [:])
        for type in ["member", "uniqueMember"] {
            #expect(try await connection.search(Self.groups, .oneLevel, .equal(type, own)).count == 2)
            let other = RequestMessage.Filter.equal(type, "uid=zhangs,\(LDAPFixture.people)")
            #expect(try await connection.search(Self.groups, .oneLevel, other).isEmpty)
        }
        let filter = RequestMessage.Filter.equal("memberOf", "cn=a\\, b\\+c,\(Self.groups)")
        #expect(try await connection.search(LDAPFixture.people, .oneLevel, filter) == [own])
    }

    /// A user of many groups among more, and a group of nearly everybody.
    @Test func findsThemAtAnySize() async throws {
        let users = (0..<3000).map { Fixtures.user("u\($0)", uid: UInt32(20_000 + $0), cluster: LDAPFixture.cluster) }
        let served = try await LDAPFixture(users: users)
        var change = Fixtures.change()
        for place in 0..<1000 {
            var group = Group(
                cluster: LDAPFixture.cluster.id, name: "g\(place)", gidNumber: UInt32(50_000 + place), isPrimary: false)
            if place % 5 == 0 { group.members = [users[7].id] }
            if place == 0 { group.members = users.map(\.id) }
            change.groups.append(group)
        }
        try await served.directory.commit(change)
        let connection = try await served.connect()
        let member = "uid=u7,\(LDAPFixture.people)"
        #expect(try await connection.search(Self.groups, .oneLevel, .equal("member", member)).count == 200)
        let big = RequestMessage.Filter.equal("memberOf", "cn=g0,\(Self.groups)")
        #expect(try await connection.search(LDAPFixture.people, .oneLevel, big).count == 3000)
        #expect(
            try await connection.search(LDAPFixture.people, .oneLevel, .and([big, .equal("uid", "u9")])) == [
                "uid=u9,\(LDAPFixture.people)"
            ])
        let entry = try await connection.ask(.search(LDAPFixture.people, .oneLevel, .equal("uid", "u7"), ["memberOf"]))
        #expect(entry.first?.attributes["memberOf"]?.count == 200)
        let all = try await connection.ask(.search(Self.groups, .oneLevel, .equal("cn", "g0"), ["member"]))
        #expect(all.first?.attributes["member"]?.count == 3000)
    }
}
