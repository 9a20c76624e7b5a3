import NIOCore
import RosterLDAP
import RosterModel
import RosterTesting
import Testing

/// Controls, scopes and what else changes the meaning of a request.
@Suite(.timeLimit(.minutes(2))) struct ControlTests {
    private static let people = LDAPFixture.people
    private static let cluster = "ou=hpc-aaaa,\(LDAPFixture.base)"

    private static let users = [
        ("delta", 9, "Zoe"), ("Alpha", 30, "adam"), ("charlie", 100, nil), ("bravo", 20, "Émile"),
    ].enumerated().map { place, one in
        var user = Fixtures.user(one.0, uid: UInt32(20_000 + one.1), cluster: LDAPFixture.cluster)
        if let name = one.2 { user.attributes[.givenName] = [Array("zz".utf8), Array(name.utf8)] }
        user.expires = place == 1 ? Timestamp(seconds: 4_000_000_000) : nil
        return user
    }

    /// The value of a control for sorting: keys with their rules, a minus before those that are reversed.
    static func sort(_ keys: String..., isCritical: Bool = true) -> Control {
        let list = keys.flatMap { key in
            let isReversed = key.hasPrefix("-")
            let parts = key.drop { $0 == "-" }.split(separator: ":").map { Array($0.utf8) }
            return RequestMessage.wrap(
                0x30,
                RequestMessage.wrap(0x04, parts[0]) + (parts.count > 1 ? RequestMessage.wrap(0x80, parts[1]) : [])
                    + (isReversed ? [0x81, 1, 0xFF] : []))
        }
        return Control(type: SortKeyList.type, isCritical: isCritical, value: RequestMessage.wrap(0x30, list))
    }

    private static let byNumber = RequestMessage.search(people, .oneLevel, .atLeast("uidNumber", "20000"), ["1.1"])

    private func names(_ answers: [ResponseMessage]) -> [String] {
        answers.compactMap { $0.name.map { String($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "," }) } }
    }

    @Test(arguments: [
        (["uid"], ["Alpha", "bravo", "charlie", "delta"]), (["-uid"], ["delta", "charlie", "bravo", "Alpha"]),
        (["uid:caseExactOrderingMatch"], ["Alpha", "bravo", "charlie", "delta"]),
        (["uidNumber"], ["delta", "bravo", "Alpha", "charlie"]),
        (["-uidNumber:2.5.13.15"], ["charlie", "Alpha", "bravo", "delta"]),
        // The least value counts; who has none comes last, or first where the order is reversed.
        (["givenName"], ["Alpha", "delta", "bravo", "charlie"]),
        (["-givenName"], ["charlie", "bravo", "delta", "Alpha"]),
        (["shadowExpire", "-uidNumber"], ["Alpha", "charlie", "bravo", "delta"]),
        (["loginShell", "name"], ["Alpha", "bravo", "charlie", "delta"]),
        (["entryDN"], ["Alpha", "bravo", "charlie", "delta"]),
        (["createTimestamp:generalizedTimeOrderingMatch"], ["delta", "bravo", "Alpha", "charlie"]),
    ])
    func sorts(keys: [String], order: [String]) async throws {
        let connection = try await LDAPFixture(users: Self.users).connect()
        let control = keys.count > 1 ? Self.sort(keys[0], keys[1]) : Self.sort(keys[0])
        let answers = try await connection.ask(Self.byNumber, controls: [control])
        #expect(names(answers) == order)
        #expect(answers.last?.code == .success)
        #expect(answers.last?.sortCode == 0)
    }

    @Test(arguments: [
        ("nonsense", 16), ("userPassword", 16), ("cn;lang-en", 16), ("uid:nonsense", 18), ("jpegPhoto", 18),
        ("uid:integerOrderingMatch", 18), ("uidNumber:caseIgnoreOrderingMatch", 18), ("uid:caseIgnoreMatch", 18),
    ])
    func whatCannotBeSortedIsSaid(key: String, code: Int) async throws {
        let connection = try await LDAPFixture(users: Self.users).connect()
        let refused = try await connection.ask(Self.byNumber, controls: [Self.sort(key)])
        #expect(refused.map(\.code) == [.unavailableCriticalExtension])
        #expect(refused.last?.sortCode == code)
        let unsorted = try await connection.ask(Self.byNumber, controls: [Self.sort(key, isCritical: false)])
        #expect(unsorted.count == 5)
        #expect(unsorted.last?.code == .success)
        #expect(unsorted.last?.sortCode == code)
    }

    @Test(
        arguments: [
            nil, [], [0x30, 0], [0x04, 0], [0x30, 2, 0x30, 0], [0x30, 4, 0x31, 2, 0x04, 0], [0x30, 3, 0x04, 1, 0x61],
            RequestMessage.wrap(
                0x30, (0..<17).flatMap { _ in RequestMessage.wrap(0x30, RequestMessage.octets("uid")) }),
            [0x30, 0x80, 0, 0],
        ] as [[UInt8]?])
    func malformedKeysAreRefused(value: [UInt8]?) async throws {
        let connection = try await LDAPFixture(users: Self.users).connect()
        for isCritical in [false, true] {
            let control = Control(type: SortKeyList.type, isCritical: isCritical, value: value)
            let answers = try await connection.ask(Self.byNumber, controls: [control])
            #expect(answers.map(\.code) == [.protocolError])
        }
    }

    @Test func sortsWithPagesAndLimits() async throws {
        let connection = try await LDAPFixture(users: Self.users).connect()
        var found: [String] = []
        var cookie: [UInt8] = []
        repeat {
            let answers = try await connection.ask(
                Self.byNumber, paged: PagedResults(size: 3, cookie: cookie), controls: [Self.sort("uid")])
            found += names(answers)
            cookie = try #require(answers.last?.cookie)
            #expect(answers.last?.sortCode == 0)
        } while !cookie.isEmpty
        #expect(found == ["Alpha", "bravo", "charlie", "delta"])
        let limited = try await connection.ask(
            .search(Self.people, .oneLevel, .atLeast("uidNumber", "20000"), ["1.1"], sizeLimit: 2),
            controls: [Self.sort("-uid")])
        #expect(names(limited) == ["delta", "charlie"])
        #expect(limited.last?.code == .sizeLimitExceeded)
    }

    @Test func sortsEntriesOfAllKinds() async throws {
        let connection = try await LDAPFixture(users: Self.users).connect()
        let all = RequestMessage.search(LDAPFixture.base, .subtree, .present("objectClass"), ["1.1"])
        let plain = try await connection.ask(all)
        let sorted = try await connection.ask(all, controls: [Self.sort("entryDN")])
        #expect(sorted.compactMap(\.name) == plain.compactMap(\.name).sorted { $0.lowercased() < $1.lowercased() })
    }

    @Test func aSearchThatWaitsTooLongForItsNextPageEnds() async throws {
        let connection = try await LDAPFixture(users: Self.users) { $0.pagedSearchTime = .zero }.connect()
        let first = try await connection.ask(Self.byNumber, paged: PagedResults(size: 1))
        let cookie = try #require(first.last?.cookie)
        #expect(!cookie.isEmpty)
        let next = try await connection.ask(Self.byNumber, paged: PagedResults(size: 1, cookie: cookie))
        #expect(next.map(\.code) == [.unwillingToPerform])
    }

    /// A search that waits for its next page holds its entries, until it is given up.
    @Test func sortedSearchesShareTheirMemory() async throws {
        let connection = try await LDAPFixture(users: Self.users) { $0.maximumSortBytes = 1000 }.connect()
        func page(_ size: Int, _ cookie: [UInt8] = []) async throws -> [ResponseMessage] {
            try await connection.ask(
                Self.byNumber, paged: PagedResults(size: size, cookie: cookie), controls: [Self.sort("uid")])
        }
        var cookies: [[UInt8]] = []
        while cookies.count < 100, let last = try await page(1).last, let cookie = last.cookie, !cookie.isEmpty {
            cookies.append(cookie)
        }
        #expect((1..<100).contains(cookies.count), "\(cookies.count)")
        #expect(try await page(1).map(\.code) == [.adminLimitExceeded])
        #expect(try await page(0, cookies[0]).map(\.code) == [.success])
        #expect(try await names(page(10)) == ["Alpha", "bravo", "charlie", "delta"])
    }

    /// More entries than are sorted at a time.
    @Test func sortsMany() async throws {
        let users = (0..<9000).map { place in
            Fixtures.user("m\(place * 7919 % 9000)", uid: UInt32(30_000 + place), cluster: LDAPFixture.cluster)
        }
        let connection = try await LDAPFixture(users: users).connect()
        let search = RequestMessage.search(Self.people, .oneLevel, .atLeast("uidNumber", "30000"), ["1.1"])
        for (control, order) in [
            (Self.sort("uid"), users.map(\.username.text).sorted()),
            (Self.sort("-uidNumber"), users.map(\.username.text).reversed()),
            (Self.sort("loginShell", "uidNumber"), users.map(\.username.text)),
        ] {
            #expect(try await names(connection.ask(search, controls: [control])) == order)
        }
    }

    // MARK: Other controls

    @Test func aMessageHasAtMostSixteenControls() async throws {
        let control = Control(type: "1.2.3")
        let served = try await LDAPFixture()
        let few = try await served.connect()
        #expect(try await few.ask(Self.byNumber, controls: Array(repeating: control, count: 16)).last?.code == .success)
        let many = try await served.connect()
        try await many.send([Self.byNumber], controls: Array(repeating: control, count: 17))
        let answers = try await many.answers(count: 1)
        #expect(answers.map(\.code) == [.protocolError])
    }

    @Test func usualControlsAreTaken() async throws {
        let connection = try await LDAPFixture().connect()
        let search = RequestMessage.search(Self.people, .oneLevel, .present("uid"), ["1.1"])
        for type in [Control.manageDsaIT, Control.domainScope] {
            #expect(try await connection.ask(search, critical: type).count == 5)
        }
        for (value, count) in [(0xFF, 1), (0, 5)] as [(UInt8, Int)] {
            let control = Control(type: Control.subentries, isCritical: true, value: [0x01, 1, value])
            #expect(try await connection.ask(search, controls: [control]).count == count)
            let schema = RequestMessage.search("cn=Subschema", .base, .present("objectClass"), ["1.1"])
            #expect(try await connection.ask(schema, controls: [control]).count == 2)
        }
        for value in [nil, [], [0x01, 0], [0x04, 1, 0xFF], [0x01, 1, 0xFF, 0x01, 1, 0]] as [[UInt8]?] {
            let control = Control(type: Control.subentries, value: value)
            #expect(try await connection.ask(search, controls: [control]).map(\.code) == [.protocolError])
        }
        let user = "uid=zhangs,\(Self.people)"
        let compared = try await connection.ask(.compare(user, "uid", "zhangs"), critical: Control.manageDsaIT)
        #expect(compared.last?.code == .compareTrue)
        let root = try await connection.ask(.search("", .base, .present("objectClass"), ["supportedControl"]))
        #expect(root.first?.attributes["supportedControl"]?.count == 5)
    }

    @Test func aCriticalControlThatIsNotOfTheRequestHasNoEffect() async throws {
        let served = try await LDAPFixture()
        let connection = try await served.connect()
        for type in ["1.2.3", Control.manageDsaIT, PagedResults.type] {
            let name = "uid=zhangs,\(Self.people)"
            let answer = try await connection.ask(.bind(name, "secret of zhangs"), critical: type)
            #expect(answer.last?.code == .unavailableCriticalExtension)
            // The bind was not carried out.
            let who = try await connection.ask(.extended(ExtendedRequest.whoAmI)).last?.value
            #expect(who == "dn:cn=\(LDAPFixture.reader),ou=Services,\(LDAPFixture.base)")
        }
        let compared = try await connection.ask(
            .compare("uid=zhangs,\(Self.people)", "uid", "zhangs"), critical: SortKeyList.type)
        #expect(compared.last?.code == .unavailableCriticalExtension)
        let search = RequestMessage.search(Self.people, .oneLevel, .present("uid"), ["1.1"])
        #expect(try await connection.ask(search, controls: [Control(type: "1.2.3")]).count == 5)
    }

    @Test func aPageThatHoldsAllThatIsWantedIsNoPage() async throws {
        let connection = try await LDAPFixture().connect()
        for (page, limit, hasCookie) in [(2, 2, false), (3, 2, false), (2, 3, true)] as [(Int, UInt8, Bool)] {
            let search = RequestMessage.search(Self.people, .oneLevel, .present("uid"), ["1.1"], sizeLimit: limit)
            let answers = try await connection.ask(search, paged: PagedResults(size: page))
            #expect(answers.count == 3)
            #expect(answers.last?.code == (hasCookie ? .success : .sizeLimitExceeded))
            #expect((answers.last?.cookie != nil) == hasCookie)
        }
    }

    @Test(arguments: [
        (LDAPFixture.base, 10), ("ou=hpc-aaaa,\(LDAPFixture.base)", 9), (LDAPFixture.people, 4),
        ("uid=zhangs,\(LDAPFixture.people)", 0), ("cn=Subschema", 0), ("", 0),
        ("ou=Group,ou=hpc-aaaa,\(LDAPFixture.base)", 2), ("cn=ppolicy,ou=hpc-aaaa,\(LDAPFixture.base)", 0),
    ])
    func subordinatesAreAllBelowTheBase(base: String, count: Int) async throws {
        let connection = try await LDAPFixture().connect()
        let below = try await connection.search(base, .subordinates)
        let all = try await connection.search(base, .subtree)
        #expect(Set(below) == Set(all.filter { $0 != base }))
        #expect(below.count == count)
    }

    // MARK: Messages and binds

    @Test func aMessageNeedsANumber() async throws {
        let connection = try await LDAPFixture().connect()
        let search = RequestMessage.search(Self.people, .oneLevel, .present("uid"), ["1.1"])
        try await connection.send(bytes: search.message(id: 0))
        let answers = try await connection.answers()
        #expect(answers.map(\.code) == [.protocolError])
        #expect(answers.first?.id == 0)
    }

    @Test(arguments: [
        // SASL, another version, parts that are missing, a wrong password.
        RequestMessage.wrap(
            0x60,
            [0x02, 1, 3] + RequestMessage.octets("") + RequestMessage.wrap(0xA3, RequestMessage.octets("EXTERNAL"))),
        RequestMessage.wrap(0x60, [0x02, 1, 2] + RequestMessage.octets("") + RequestMessage.wrap(0x80, [])),
        RequestMessage.wrap(0x60, [0x02, 1, 3]),
        RequestMessage.wrap(0x60, []),
        RequestMessage.wrap(0x60, [0x02, 1, 3] + RequestMessage.octets("") + RequestMessage.wrap(0x85, [])),
        RequestMessage.wrap(
            0x60,
            [0x02, 1, 3] + RequestMessage.octets("uid=zhangs,\(LDAPFixture.people)")
                + RequestMessage.wrap(0x80, Array("wrong".utf8))),
    ])
    func aBindThatFailsLeavesNobodyBound(bind: [UInt8]) async throws {
        let connection = try await LDAPFixture().connect()
        try await connection.send(bytes: RequestMessage.wrap(0x30, [0x02, 1, 99] + bind))
        let answers = try await connection.answers(count: 1)
        #expect(answers.first?.code != .success)
        #expect(try await connection.ask(.extended(ExtendedRequest.whoAmI)).last?.value == "")
        let search = RequestMessage.search(Self.people, .oneLevel, .present("uid"), ["1.1"])
        #expect(try await connection.ask(search).map(\.code) == [.insufficientAccessRights])
    }
}
