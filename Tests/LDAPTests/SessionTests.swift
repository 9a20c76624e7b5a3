import NIOCore
import NIOEmbedded
import RosterDirectory
import RosterLDAP
import RosterModel
import RosterSnapshot
import RosterStore
import RosterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct SessionTests {
    private let base = LDAPFixture.base
    private let people = LDAPFixture.people

    // MARK: Who may ask

    @Test func tellsOfItselfWithoutABind() async throws {
        let connection = try await LDAPFixture().connect(key: nil)
        let root = try await connection.ask(.search("", .base, .present("objectClass"), ["*", "+"]))
        #expect(root.first?.attributes["namingContexts"] == [base])
        #expect(root.last?.code == .success)
        let schema = try await connection.ask(.search("cn=subschema", .base, .equal("objectClass", "subschema"), ["+"]))
        #expect(schema.first?.attributes["attributeTypes"]?.contains { $0.contains("uidNumber") } == true)
    }

    @Test func tellsNothingElseWithoutABind() async throws {
        let connection = try await LDAPFixture().connect(key: nil)
        for name in [base, people, "uid=zhangs,\(people)"] {
            let answers = try await connection.ask(.search(name, .subtree, .present("objectClass"), []))
            #expect(answers.map(\.code) == [.insufficientAccessRights])
        }
        #expect(
            try await connection.ask(.compare("uid=zhangs,\(people)", "uid", "zhangs")).last?.code
                == .insufficientAccessRights)
    }

    @Test(arguments: [
        ("cn=\(LDAPFixture.reader),ou=Services,\(LDAPFixture.base)", "wrong", ResultCode.invalidCredentials),
        ("cn=AAAAAAAAAAAAAAAAAAAA,ou=Services,\(LDAPFixture.base)", "s3cret", .invalidCredentials),
        ("cn=\(LDAPFixture.reader),ou=Services,dc=other", "s3cret", .invalidCredentials),
        ("cn=\(LDAPFixture.reader),ou=Services,\(LDAPFixture.base)", "", .unwillingToPerform),
        ("malformed", "x", .invalidDNSyntax),
        ("", "", .success), ("CN=\(LDAPFixture.reader), OU=services, DC=EHPCCLOUD, dc=com", "s3cret", .success),
    ])
    func bindsWhoProvesItself(name: String, password: String, code: ResultCode) async throws {
        let connection = try await LDAPFixture().connect(key: nil)
        #expect(try await connection.ask(.bind(name, password)).map(\.code) == [code])
    }

    @Test func aFailedBindLeavesNobodyBound() async throws {
        let connection = try await LDAPFixture().connect()
        #expect(try await connection.search("uid=zhangs,\(people)", .base).count == 1)
        _ = try await connection.ask(.bind("cn=\(LDAPFixture.reader),ou=Services,\(base)", "wrong"))
        #expect(try await connection.search("uid=zhangs,\(people)", .base).isEmpty)
    }

    @Test func takesPasswordsInClearOverLoopbackOnly() async throws {
        let served = try await LDAPFixture()
        await #expect(throws: BindError.self) { try await served.connect(from: "10.0.0.7") }
        _ = try await served.connect(from: "127.8.8.8")
        _ = try await served.connect(from: "::1")
        _ = try await LDAPFixture { $0.allowsClearPasswords = true }.connect(from: "10.0.0.7")
    }

    @Test func limitsFailedBinds() async throws {
        let connection = try await LDAPFixture().connect(key: nil)
        var codes: [ResultCode?] = []
        for _ in 0...LDAPFixture.allowedFailures {
            codes.append(
                try await connection.ask(.bind("cn=\(LDAPFixture.reader),ou=Services,\(base)", "wrong")).last?.code)
        }
        #expect(codes.dropLast().allSatisfy { $0 == .invalidCredentials })
        #expect(codes.last == .unwillingToPerform)
        // Who has the secret is never shut out.
        #expect(
            try await connection.ask(.bind("cn=\(LDAPFixture.reader),ou=Services,\(base)", "s3cret")).last?.code
                == .success)
    }

    @Test func aReaderOfOneClusterSeesNothingOfAnother() async throws {
        let served = try await LDAPFixture()
        let connection = try await served.connect()
        #expect(
            try await connection.search(base).sorted()
                == [
                    base, "ou=hpc-aaaa,\(base)", people, "ou=Group,ou=hpc-aaaa,\(base)",
                    "cn=ppolicy,ou=hpc-aaaa,\(base)",
                    "cn=hpc,ou=Group,ou=hpc-aaaa,\(base)", "cn=gpu,ou=Group,ou=hpc-aaaa,\(base)",
                    "uid=zhangs,\(people)", "uid=locked,\(people)", "uid=boss,\(people)", "uid=li\\, x,\(people)",
                ].sorted())
        let hidden = try await connection.ask(.search("ou=hpc-bbbb,\(base)", .base, .present("objectClass"), []))
        let absent = try await connection.ask(.search("ou=hpc-none,\(base)", .base, .present("objectClass"), []))
        #expect(hidden.last?.code == .noSuchObject)
        #expect(hidden.last?.matched == absent.last?.matched)
        #expect(hidden.last?.message == absent.last?.message)
        let everything = try await served.connect(key: LDAPFixture.operatorKey)
        #expect(try await everything.search(base, .subtree, .equal("uidNumber", "10000")).count == 2)
    }

    @Test func aRevokedKeySeesNothingMore() async throws {
        let served = try await LDAPFixture()
        let connection = try await served.connect()
        var change = Fixtures.change()
        change.keys = [
            AccessKey(
                id: LDAPFixture.reader, principal: .reader(LDAPFixture.cluster.id),
                secret: try PlaintextSealing().seal([1], of: ""),
                createTime: Fixtures.time)
        ]
        change.keys[0].revokeTime = Fixtures.time
        try await served.directory.commit(change)
        #expect(
            try await connection.ask(.search(people, .subtree, .present("uid"), [])).map(\.code)
                == [.insufficientAccessRights])
    }

    // MARK: What is found

    @Test func showsAUserAsRFC2307HasIt() async throws {
        let connection = try await LDAPFixture().connect()
        let entry = try #require(
            try await connection.ask(.search(people, .oneLevel, .equal("uid", "ZHANGS"), ["*", "+"])).first)
        #expect(entry.name == "uid=zhangs,\(people)")
        var attributes = entry.attributes
        #expect(attributes.removeValue(forKey: "entryUUID")?.first?.utf8.count == 36)
        #expect(
            attributes == [
                "objectClass": [
                    "top", "person", "organizationalPerson", "inetOrgPerson", "posixAccount", "shadowAccount",
                ],
                "uid": ["zhangs"], "cn": ["zhangs"], "sn": ["zhangs"], "uidNumber": ["10000"], "gidNumber": ["10000"],
                "homeDirectory": ["/public/s0723/home/zhangs"], "loginShell": ["/bin/bash"], "gecos": ["Zhang San"],
                "shadowLastChange": ["19000"], "structuralObjectClass": ["inetOrgPerson"],
                "entryDN": ["uid=zhangs,\(people)"], "createTimestamp": ["20210817115920Z"],
                "modifyTimestamp": ["20210817091240Z"], "hasSubordinates": ["FALSE"],
                "memberOf": ["cn=gpu,ou=Group,ou=hpc-aaaa,\(base)"],
                "subschemaSubentry": ["cn=Subschema"],
            ])
        let locked = try await connection.ask(.search(people, .oneLevel, .equal("uid", "locked"), ["shadowExpire"]))
        #expect(locked.first?.attributes == ["shadowExpire": ["1"]])
    }

    @Test func showsAGroupWithItsMembers() async throws {
        let connection = try await LDAPFixture().connect()
        let groups = "ou=Group,ou=hpc-aaaa,\(base)"
        let entry = try await connection.ask(.search(groups, .oneLevel, .equal("gidNumber", "10900"), [])).first
        #expect(
            entry?.attributes == [
                "objectClass": ["top", "posixGroup", "groupOfNames", "groupOfUniqueNames"], "cn": ["gpu"],
                "gidNumber": ["10900"], "memberUid": ["zhangs", "boss"],
                "member": ["uid=zhangs,\(people)", "uid=boss,\(people)"],
                "uniqueMember": ["uid=zhangs,\(people)", "uid=boss,\(people)"],
            ])
        #expect(try await connection.search(groups, .subtree, .equal("memberUid", "zhangs")) == ["cn=gpu,\(groups)"])
        #expect(try await connection.search(groups, .subtree, .equal("memberUid", "ZHANGS")).isEmpty)
    }

    private static let filters: [(RequestMessage.Filter, Int)] = [
        (.and([.equal("objectClass", "posixAccount"), .equal("uid", "zhangs")]), 1),
        (.and([.equal("objectClass", "posixAccount"), .equal("uidNumber", "10001")]), 1),
        (
            .and([
                .equal("uid", "zhangs"), .equal("objectClass", "posixAccount"),
                .and([.present("uidNumber"), .not(.equal("uidNumber", "0"))]),
            ]), 1
        ),
        (.equal("objectClass", "top"), 5), (.equal("OBJECTCLASS", "2.5.6.6"), 4), (.present("uid"), 4),
        (.equal("cn", "zhangs"), 1), (.equal("uid", "  zhangs "), 1), (.equal("userid", "zhangs"), 1),
        // Invalid values and unknown attributes are Undefined: their negation matches nothing either.
        (.equal("uidNumber", "010000"), 0), (.not(.equal("uidNumber", "010000")), 0), (.not(.equal("foo", "x")), 0),
        (.not(.present("foo")), 0), (.not(.equal("uidNumber", "10000")), 4), (.not(.equal("objectClass", "foo")), 0),
        (.atLeast("uidNumber", "10002"), 2), (.atLeast("uidNumber", "-5"), 4), (.atLeast("uid", "a"), 0),
        (.atLeast("uidNumber", "99999999999999999999999"), 0),
        (.contains("uid", "ANG"), 1), (.contains("homeDirectory", "zhang"), 0), (.contains("gecos", "san"), 1),
        (.rule("caseExactMatch", "uid", "zhangs"), 1), (.rule("caseExactMatch", "uid", "ZHANGS"), 0),
        (.rule("2.5.13.2", "homeDirectory", "/PUBLIC/s0723/home/zhangs"), 1), (.rule("nonsense", "uid", "zhangs"), 0),
        (.rule(nil, "ou", "people", dnAttributes: true), 5), (.rule(nil, "ou", "people"), 1),
        (.rule("caseIgnoreMatch", nil, "zhangs"), 1), (.present("userPassword"), 0),
        (.not(.present("userPassword")), 0), (.equal("shadowLastChange", "19000"), 1), (.equal("shadowExpire", "1"), 1),
        (.present("shadowExpire"), 1), (.equal("entryDN", "uid=zhangs, ou=people,ou=hpc-aaaa,\(LDAPFixture.base)"), 1),
        (.equal("createTimestamp", "20210817115920Z"), 1), (.atLeast("createTimestamp", "20210817115921.5Z"), 3),
        (.atLeast("createTimestamp", "2021081711.98924Z"), 3),
        (.and([]), 5), (.equal("hasSubordinates", "FALSE"), 4), (.equal("loginShell", "/bin/bash"), 4),
    ]

    @Test(arguments: filters)
    func filtersMeanWhatRFC4511Says(filter: RequestMessage.Filter, count: Int) async throws {
        #expect(try await LDAPFixture().connect().search(people, .subtree, filter).count == count)
    }

    @Test func findsAnEntryByItsUUID() async throws {
        let connection = try await LDAPFixture().connect()
        for (base, filter) in [
            (people, RequestMessage.Filter.equal("uid", "zhangs")), (self.base, .equal("cn", "gpu")),
            (self.base, .equal("ou", "hpc-aaaa")),
        ] {
            let entry = try #require(try await connection.ask(.search(base, .subtree, filter, ["entryUUID"])).first)
            let uuid = try #require(entry.attributes["entryUUID"]?.first)
            #expect(
                try await connection.search(self.base, .subtree, .equal("entryUUID", uuid.uppercased())) == [entry.name]
            )
        }
    }

    @Test(arguments: [
        ("uid=zhangs,\(LDAPFixture.people)", SearchRequest.Scope.base, 1),
        ("cn=zhangs,\(LDAPFixture.people)", .base, 1),
        ("uid=ZhangS , OU=people,ou=hpc-aaaa,\(LDAPFixture.base)", .base, 1),
        ("uid=li\\2c x,\(LDAPFixture.people)", .base, 1),
        ("0.9.2342.19200300.100.1.1=zhangs,\(LDAPFixture.people)", .base, 1),
        ("uid=zhangs,\(LDAPFixture.people)", .oneLevel, 0),
        ("uid=zhangs,\(LDAPFixture.people)", .subtree, 1), (LDAPFixture.people, .oneLevel, 4),
        (LDAPFixture.people, .subtree, 5),
        ("ou=hpc-aaaa,\(LDAPFixture.base)", .oneLevel, 3), (LDAPFixture.base, .oneLevel, 1),
        (LDAPFixture.base, .base, 1),
    ])
    func searchesWhereItIsTold(name: String, scope: SearchRequest.Scope, count: Int) async throws {
        #expect(try await LDAPFixture().connect().search(name, scope).count == count)
    }

    @Test(arguments: [
        ("uid=nobody,\(LDAPFixture.people)", ResultCode.noSuchObject, LDAPFixture.people),
        ("dc=other", .noSuchObject, ""),
        ("ou=Printers,\(LDAPFixture.base)", .noSuchObject, LDAPFixture.base), ("dc=com", .noSuchObject, ""),
        ("uid=a,uid=zhangs,\(LDAPFixture.people)", .noSuchObject, LDAPFixture.people), ("uid", .invalidDNSyntax, ""),
        ("uid=zhangs,,dc=com", .invalidDNSyntax, ""), ("uid=\\zz,dc=com", .invalidDNSyntax, ""),
    ])
    func tellsWhereNothingIs(name: String, code: ResultCode, matched: String) async throws {
        let answer = try await LDAPFixture().connect().ask(.search(name, .base, .present("objectClass"), [])).last
        #expect(answer?.code == code)
        #expect(answer?.matched == matched)
    }

    @Test(arguments: [
        ([], ["cn", "gidNumber", "member", "memberUid", "objectClass", "uniqueMember"]), (["1.1"], []),
        (["CN", "unknown"], ["cn"]),
        (
            ["+", "cn"],
            ["cn", "entryDN", "entryUUID", "hasSubordinates", "structuralObjectClass", "subschemaSubentry"]
        ),
        (["1.1", "cn"], ["cn"]), (["userPassword"], []), (["2.5.4.3"], ["cn"]),
    ])
    func showsTheAttributesThatAreAskedFor(attributes: [String], shown: [String]) async throws {
        let connection = try await LDAPFixture().connect()
        let entry = try await connection.ask(.search(base, .subtree, .equal("cn", "gpu"), attributes)).first
        #expect(entry?.attributes.keys.sorted() == shown)
    }

    @Test func showsNamesAloneWhereAsked() async throws {
        let connection = try await LDAPFixture().connect()
        for filter in [RequestMessage.Filter.equal("uid", "locked"), .equal("cn", "gpu")] {
            let search = RequestMessage.search(base, .subtree, filter, ["cn", "gecos"], typesOnly: true)
            #expect(try await connection.ask(search).first?.attributes == ["cn": []])
        }
    }

    // MARK: Limits and pages

    private static let many = (0..<250).map {
        Fixtures.user("u\($0)", uid: UInt32(20_000 + $0), cluster: LDAPFixture.cluster)
    }

    @Test func stopsAtTheSizeLimit() async throws {
        let connection = try await LDAPFixture(users: Self.many).connect()
        let answers = try await connection.ask(.search(people, .oneLevel, .contains("uid", "u"), ["1.1"], sizeLimit: 7))
        #expect(answers.count == 8)
        #expect(answers.last?.code == .sizeLimitExceeded)
        let exact = try await connection.ask(
            .search(people, .oneLevel, .contains("uid", "u24"), ["1.1"], sizeLimit: 11))
        #expect(exact.count == 12)
        #expect(exact.last?.code == .success)
    }

    @Test func givesPagesOfOneSnapshot() async throws {
        let served = try await LDAPFixture(users: Self.many)
        let connection = try await served.connect()
        let search = RequestMessage.search(people, .oneLevel, .contains("uid", "u"), ["1.1"])
        var names: [String] = []
        var cookie: [UInt8] = []
        var pages = 0
        repeat {
            let answers = try await connection.ask(search, paged: PagedResults(size: 100, cookie: cookie))
            names += answers.compactMap(\.name)
            cookie = try #require(answers.last?.cookie)
            #expect(answers.last?.code == .success)
            pages += 1
            // What comes and goes meanwhile changes no page.
            try await served.directory.commit(Fixtures.change([], [], removing: [Self.many[249 - pages].id]))
        } while !cookie.isEmpty
        #expect(pages == 3)
        #expect(Set(names).count == 250)
        #expect(names.count == 250)
    }

    @Test func aCookieIsOfItsConnectionAndUsedOnce() async throws {
        let served = try await LDAPFixture(users: Self.many)
        let connection = try await served.connect()
        let search = RequestMessage.search(people, .oneLevel, .contains("uid", "u"), ["1.1"])
        let cookie = try #require(try await connection.ask(search, paged: PagedResults(size: 10)).last?.cookie)
        #expect(
            try await served.connect().ask(search, paged: PagedResults(size: 10, cookie: cookie)).last?.code
                == .unwillingToPerform)
        #expect(try await connection.ask(search, paged: PagedResults(size: 0, cookie: cookie)).last?.cookie == [])
        #expect(
            try await connection.ask(search, paged: PagedResults(size: 10, cookie: cookie)).last?.code
                == .unwillingToPerform)
    }

    @Test func nodesAreAnsweredWhileTheStoreIsAway() async throws {
        let served = try await LDAPFixture()
        served.store.fail(with: .unavailable(cause: "test"))
        await served.directory.refresh()
        #expect(served.directory.unreachableSince != nil)
        let connection = try await served.connect()
        let answers = try await connection.ask(.search(people, .oneLevel, .equal("uidNumber", "10000"), ["uid"]))
        #expect(answers.first?.attributes["uid"] == ["zhangs"])
        #expect(answers.last?.code == .success)
    }

    // MARK: Other operations

    @Test(arguments: [
        ("uid", "ZHANGS", ResultCode.compareTrue), ("uid", "other", .compareFalse),
        ("uidNumber", "10000", .compareTrue),
        ("uidNumber", "ten", .invalidAttributeSyntax), ("foo", "x", .undefinedAttributeType),
        ("memberUid", "x", .noSuchAttribute), ("userPassword", "secret of zhangs", .insufficientAccessRights),
    ])
    func compares(type: String, value: String, code: ResultCode) async throws {
        #expect(
            try await LDAPFixture().connect().ask(.compare("uid=zhangs,\(people)", type, value)).map(\.code) == [code])
    }

    @Test func refusesWritesAndNamesTheAPI() async throws {
        let answer = try await LDAPFixture().connect().ask(.delete("uid=zhangs,\(people)")).last
        #expect(answer?.code == .unwillingToPerform)
        #expect(answer?.tag == 11)
        #expect(answer?.message.contains("HTTP API") == true)
    }

    @Test func tellsWhoIsBound() async throws {
        let served = try await LDAPFixture()
        #expect(try await served.connect(key: nil).ask(.extended(ExtendedRequest.whoAmI)).last?.value == "")
        #expect(
            try await served.connect().ask(.extended(ExtendedRequest.whoAmI)).last?.value
                == "dn:cn=\(LDAPFixture.reader),ou=Services,\(base)")
    }

    @Test func refusesWhatItDoesNotKnow() async throws {
        let connection = try await LDAPFixture().connect()
        #expect(try await connection.ask(.extended("1.2.3")).last?.code == .protocolError)
        #expect(try await connection.ask(.extended(ExtendedRequest.startTLS)).last?.code == .protocolError)
        #expect(
            try await connection.ask(.search(people, .base, .present("uid"), []), critical: "1.2.3").last?.code
                == .unavailableCriticalExtension)
    }

    // MARK: The connection

    @Test func answersRequestsThatCameTogetherInOneWrite() async throws {
        let connection = try await LDAPFixture().connect()
        try await connection.send(
            Array(repeating: .search(people, .oneLevel, .equal("uid", "zhangs"), ["uid"]), count: 16))
        #expect(try await connection.channel.readOutbound(as: ByteBuffer.self) != nil)
        #expect(try await connection.channel.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test func waitsForAClientThatDoesNotRead() async throws {
        let users = (0..<600).map { Fixtures.user("u\($0)", uid: UInt32(20_000 + $0), cluster: LDAPFixture.cluster) }
        let connection = try await LDAPFixture(users: users).connect()
        try await connection.takesAnswers(false)
        try await connection.send([
            .search(people, .oneLevel, .contains("uid", "u"), []), .extended(ExtendedRequest.whoAmI),
        ])
        let first = try await connection.answers()
        #expect(first.isEmpty)
        try await connection.takesAnswers(true)
        let rest = try await connection.answers()
        #expect(first.count + rest.count == 602)
        // In order: the request behind it waited.
        #expect(rest.last?.tag == 24)
    }

    @Test func makesNoAnswersThatAreNotTaken() async throws {
        let connection = try await LDAPFixture().connect(key: nil)
        try await connection.takesAnswers(false)
        // An answer has some hundred times the length of its request.
        try await connection.send(
            Array(repeating: .search("cn=subschema", .base, .present("objectClass"), ["+"]), count: 100))
        #expect(try await connection.answers().isEmpty)
        try await connection.takesAnswers(true)
        #expect(try await connection.answers().count == 200)
    }

    @Test func anAbandonedSearchIsAnsweredNoMore() async throws {
        let users = (0..<600).map { Fixtures.user("u\($0)", uid: UInt32(20_000 + $0), cluster: LDAPFixture.cluster) }
        let connection = try await LDAPFixture(users: users).connect()
        try await connection.takesAnswers(false)
        try await connection.send([.search(people, .oneLevel, .contains("uid", "u"), [])])
        _ = try await connection.answers()
        try await connection.send([.abandon(connection.lastID), .extended(ExtendedRequest.whoAmI)])
        try await connection.takesAnswers(true)
        #expect(try await connection.answers().map(\.tag) == [24])
    }

    @Test func saysWhyItClosesWhatItCannotRead() async throws {
        let connection = try await LDAPFixture().connect()
        try await connection.send(bytes: [0x16, 0x03, 0x01])
        let answers = try await connection.answers()
        #expect(answers.map(\.code) == [.protocolError])
        #expect(answers.first?.id == 0)
        #expect(!connection.channel.isActive)
    }

    @Test func closesAfterAnUnbind() async throws {
        let connection = try await LDAPFixture().connect()
        try await connection.send([.unbind])
        #expect(try await connection.answers().isEmpty)
        #expect(!connection.channel.isActive)
    }
}
