import RosterDirectory
import RosterLDAP
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

/// Groups are looked up by their number, their name and their members; the answer is that of a plain look at each.
@Suite(.timeLimit(.minutes(2))) struct GroupSearchTests {
    private let base = "ou=Group,ou=hpc-aaaa,\(LDAPFixture.base)"

    private static let groupNames = [
        "Biology", "a b", "a  b", " padded", "\u{212A}elvin", "kelvin2", "Ünder", "ünder2", "x-ray", "astro",
        "Chemistry", "deep", "em", "f+c", "gpu2", "hpc-x",
    ]
    private static let userNames = ["ann", "Bob", "carl", "d e", "d  e", "emil", "Fée", "gus"]

    /// - Parameter nested: whether groups have groups as members, in circles too, and names that are no user's.
    private static func served(nested: Bool = false) async throws -> LDAPFixture {
        let users = userNames.enumerated().map { place, name in
            Fixtures.user(name, uid: UInt32(11_000 + place), cluster: LDAPFixture.cluster, account: "usr-x\(place)")
        }
        let served = try await LDAPFixture(users: users)
        var generator = SeededGenerator(seed: 7)
        var change = Fixtures.change()
        change.groups = groupNames.enumerated().map { place, name in
            let members = users.filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }.map(\.id)
            var group = Group(
                cluster: LDAPFixture.cluster.id, name: name, gidNumber: UInt32(12_000 + place), isPrimary: false,
                members: members)
            if nested {
                group.memberGroups = groupNames.indices.filter { _ in Int.random(in: 0..<12, using: &generator) == 0 }
                    .map { UInt32(12_000 + $0) }
                group.memberNames = ["slurm", "nobody", "ann"].filter { _ in Bool.random(using: &generator) }
                group.updateTime = Timestamp(seconds: Int64(place))
            }
            return group
        }
        try await served.directory.commit(change)
        return served
    }

    /// A filter that is false of everything, and through which no group can be looked up.
    private static let never = RequestMessage.Filter.not(.equal("objectClass", "top"))

    private func check(_ filter: RequestMessage.Filter, _ connection: Connection) async throws {
        for base in [base, "ou=hpc-aaaa,\(LDAPFixture.base)"] {
            let found = try await connection.ask(.search(base, .subtree, filter, ["cn", "memberUid", "member"]))
            let plain = try await connection.ask(
                .search(base, .subtree, .or([filter, Self.never]), ["cn", "memberUid", "member"]))
            #expect(found.map(\.name) == plain.map(\.name), "\(filter)")
            #expect(found.map(\.attributes) == plain.map(\.attributes), "\(filter)")
        }
    }

    @Test func aLookUpAnswersAsAPlainLookAtEach() async throws {
        let connection = try await Self.served().connect()
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<400 { try await check(Self.filter(depth: 3, &generator), connection) }
    }

    @Test func andSoWithGroupsInGroups() async throws {
        let connection = try await Self.served(nested: true).connect()
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<400 { try await check(Self.filter(depth: 3, &generator), connection) }
    }

    @Test(arguments: [false, true]) func andSoForOneWhoSeesOnlyItself(nested: Bool) async throws {
        let served = try await Self.served(nested: nested)
        var user = try #require(served.directory.snapshot.user(named: "ann", in: LDAPFixture.cluster.id))
        user.password = PasswordHash(stored: "secret of ann")
        try await served.directory.commit(Fixtures.change([], [user]))
        let connection = try await served.connect(as: "ann", "secret of ann")
        var generator = SeededGenerator(seed: 13)
        for _ in 0..<150 { try await check(Self.filter(depth: 2, &generator), connection) }
        #expect(try await connection.search(base, .subtree, .equal("memberUid", "Bob")).isEmpty)
        #expect(try await !connection.search(base, .subtree, .equal("memberUid", "ann")).isEmpty)
    }

    private static func filter(depth: Int, _ generator: inout SeededGenerator) -> RequestMessage.Filter {
        let leaf = depth == 0 || Int.random(in: 0..<3, using: &generator) == 0
        func some() -> [RequestMessage.Filter] {
            (0..<Int.random(in: 0...3, using: &generator)).map { _ in filter(depth: depth - 1, &generator) }
        }
        guard leaf else {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1: return .and(some())
            case 2, 3: return .or(some())
            default: return .not(filter(depth: depth - 1, &generator))
            }
        }
        func one(of texts: [String]) -> String { texts.randomElement(using: &generator) ?? "" }
        func spelt(_ text: String) -> String {
            one(of: [text, text, text.uppercased(), text.lowercased(), " \(text) ", text.replacing(" ", with: "  ")])
        }
        switch Int.random(in: 0..<15, using: &generator) {
        case 12, 13, 14:
            let name = one(of: userNames + ["nobody", "zhangs"])
            let below = one(of: [LDAPFixture.people, LDAPFixture.people, "ou=People,ou=hpc-bbbb,\(LDAPFixture.base)"])
            return .equal(
                one(of: ["member", "uniqueMember"]),
                one(of: [
                    "uid=\(name),\(below)", "UID = \(name.uppercased()) , \(below.uppercased())", "uid=\(name)", "x",
                    "cn=Biology,ou=Group,ou=hpc-aaaa,\(LDAPFixture.base)", "uid=\(name),\(below)#'01'B",
                ]))
        case 0, 1: return .equal("gidNumber", one(of: ["12000", "12003", "10900", "10000", "5", "-1", "012000", "x"]))
        case 2, 3, 4:
            return .equal(one(of: ["cn", "commonName"]), spelt(one(of: groupNames + ["nothing", "hpc", "gpu"])))
        case 5, 6, 7: return .equal("memberUid", spelt(one(of: userNames + ["nobody", "slurm", "zhangs", ""])))
        case 8:
            return .equal("objectClass", one(of: ["posixGroup", "top", "posixAccount", "nonsense", "1.3.6.1.1.1.2.2"]))
        case 9:
            return .present(
                one(of: [
                    "cn", "memberUid", "member", "memberOf", "uid", "foo", "entryUUID", "createTimestamp",
                    "userPassword", "modifyTimestamp",
                ]))
        case 10: return .equal(one(of: ["uid", "foo", "ou", "cn;lang-en", "userPassword"]), one(of: ["ann", "Group"]))
        default:
            return .rule(one(of: ["caseIgnoreMatch", "caseExactMatch"]), one(of: ["cn", "memberUid"]), spelt("bob"))
        }
    }

    @Test(arguments: [
        (RequestMessage.Filter.and([.equal("objectClass", "posixGroup"), .equal("gidNumber", "12000")]), ["Biology"]),
        (.and([.equal("objectClass", "posixGroup"), .equal("cn", "BIOLOGY")]), ["Biology"]),
        (.equal("cn", "A   B"), ["a b", "a  b"]), (.equal("cn", "kelvin"), ["\u{212A}elvin"]),
        (.equal("cn", "ÜNDER"), ["Ünder"]), (.equal("cn", "padded"), [" padded"]),
        (.or([.equal("cn", "em"), .equal("gidNumber", "12011"), .equal("cn", "nothing")]), ["deep", "em"]),
    ])
    func findsByNumberAndByName(filter: RequestMessage.Filter, names: [String]) async throws {
        let answers = try await Self.served().connect().ask(.search(base, .oneLevel, filter, ["cn"]))
        #expect(answers.compactMap { $0.attributes["cn"]?.first } == names)
    }

    @Test func findsTheGroupsOfAUserAsNodesAskForThem() async throws {
        let served = try await Self.served()
        let connection = try await served.connect()
        for name in Self.userNames.filter({ $0.utf8.allSatisfy { $0 < 0x80 } }) {
            let user = try #require(served.directory.snapshot.user(named: name, in: LDAPFixture.cluster.id))
            let own = served.directory.snapshot.groups(of: LDAPFixture.cluster.id).filter {
                $0.members.contains(user.id)
            }
            let filter = RequestMessage.Filter.and([.equal("objectClass", "posixGroup"), .equal("memberUid", name)])
            let answers = try await connection.ask(.search(base, .subtree, filter, ["gidNumber"]))
            #expect(answers.compactMap { $0.attributes["gidNumber"]?.first } == own.map { "\($0.gidNumber)" })
        }
    }

    /// Of three groups, each in the next, and a name that only nodes know.
    @Test func membersOfGroupsInGroups() async throws {
        let users = ["ann", "Bob"].enumerated().map { place, name in
            Fixtures.user(name, uid: UInt32(11_000 + place), cluster: LDAPFixture.cluster, account: "usr-x\(place)")
        }
        let served = try await LDAPFixture(users: users)
        var inner = Group(
            cluster: LDAPFixture.cluster.id, name: "inner", gidNumber: 12_000, isPrimary: false, members: [users[0].id])
        inner.memberNames = ["slurm", "zhangs"]
        var middle = Group(
            cluster: LDAPFixture.cluster.id, name: "middle", gidNumber: 12_001, isPrimary: false, members: [users[1].id]
        )
        middle.memberGroups = [12_000, 12_999]
        var outer = Group(cluster: LDAPFixture.cluster.id, name: "outer", gidNumber: 12_002, isPrimary: false)
        outer.memberGroups = [12_001]
        outer.createTime = Timestamp(seconds: 0)
        outer.updateTime = Timestamp(seconds: 1)
        // A circle: it ends.
        inner.memberGroups = [12_002]
        var change = Fixtures.change()
        change.groups = [inner, middle, outer]
        try await served.directory.commit(change)
        let connection = try await served.connect()
        for name in ["inner", "middle", "outer"] {
            let found = try await connection.ask(.search(base, .oneLevel, .equal("cn", name), ["memberUid"]))
            #expect(found.first?.attributes["memberUid"]?.sorted() == ["Bob", "ann", "slurm"], "\(name)")
            for filter in [
                RequestMessage.Filter.equal("memberUid", "ann"), .equal("memberUid", "slurm"),
                .equal("member", "uid=ann,\(LDAPFixture.people)"),
            ] {
                let names = try await connection.search(base, .oneLevel, .and([filter, .equal("cn", name)]))
                #expect(names.count == 1, "\(name) \(filter)")
            }
        }
        // A user's name is no member by being written down.
        #expect(
            try await connection.search(base, .oneLevel, .equal("memberUid", "zhangs")).map { $0.prefix(6) } == [
                "cn=gpu"
            ])
        let attributes = try await connection.ask(
            .search(base, .oneLevel, .equal("cn", "outer"), ["member", "createTimestamp", "modifyTimestamp"])
        ).first?.attributes
        #expect(
            attributes?["member"]?.sorted() == [
                "cn=middle,\(base)", "uid=Bob,\(LDAPFixture.people)", "uid=ann,\(LDAPFixture.people)",
            ])
        #expect(attributes?["createTimestamp"] == ["19700101000000Z"])
        #expect(attributes?["modifyTimestamp"] == ["19700101000001Z"])
        #expect(
            try await connection.search(base, .oneLevel, .equal("member", "cn=middle,\(base)")) == ["cn=outer,\(base)"])
        let user = try await connection.ask(.search(LDAPFixture.people, .oneLevel, .equal("uid", "ann"), ["memberOf"]))
        #expect(
            user.first?.attributes["memberOf"] == ["cn=inner,\(base)", "cn=middle,\(base)", "cn=outer,\(base)"])
        for name in ["inner", "outer"] {
            let filter = RequestMessage.Filter.equal("memberOf", "cn=\(name),\(base)")
            #expect(try await connection.search(LDAPFixture.people, .oneLevel, filter).count == 2, "\(name)")
        }
        #expect(
            try await connection.search(base, .oneLevel, .atLeast("modifyTimestamp", "19700101000001Z")).count == 1)
    }
}
