import RosterLDAP
import RosterModel
import RosterTesting
import Testing

/// Each kind of client reads its own sign of a lock; one who may not log in carries all of them, be it locked or expired.
@Suite(.timeLimit(.minutes(5))) struct LockSignTests {
    private static let day: Int64 = 86_400
    private static let today = Fixtures.time.seconds / day

    private static func user(_ name: String, uid: UInt32, expires: Int64?, state: User.State = .active) -> User {
        var user = Fixtures.user(name, uid: uid, cluster: LDAPFixture.cluster)
        user.expires = expires.map { Timestamp(seconds: $0) }
        user.state = state
        return user
    }

    private static let users = [
        user("gone", uid: 20_001, expires: Fixtures.time.seconds),
        user("long-gone", uid: 20_002, expires: -5 * day),
        user("later", uid: 20_003, expires: Fixtures.time.seconds + 1),
        user("both", uid: 20_004, expires: 2 * day, state: .locked),
    ]
    private static let signs = ["nsAccountLock", "userAccountControl", "pwdAccountLockedTime", "shadowExpire"]

    private func connect() async throws -> Connection { try await LDAPFixture(users: Self.users).connect() }

    private func names(_ connection: Connection, _ filter: RequestMessage.Filter) async throws -> Set<String> {
        let found = try await connection.search(LDAPFixture.people, .oneLevel, filter)
        return Set(found.map { String($0.dropFirst(4).prefix { $0 != "," }) })
    }

    @Test(arguments: ["gone", "long-gone", "locked", "both"])
    func whoMayNotLogInCarriesAllSigns(name: String) async throws {
        let search = RequestMessage.search(LDAPFixture.people, .oneLevel, .equal("uid", name), Self.signs)
        #expect(
            try await connect().ask(search).first?.attributes == [
                "nsAccountLock": ["TRUE"], "userAccountControl": ["514"], "pwdAccountLockedTime": ["000001010000Z"],
                "shadowExpire": ["1"],
            ])
    }

    @Test func whoMayLogInCarriesNone() async throws {
        let connection = try await connect()
        for (name, shown) in [("zhangs", [:]), ("later", ["shadowExpire": ["\(Self.today + 1)"]])] {
            let search = RequestMessage.search(LDAPFixture.people, .oneLevel, .equal("uid", name), Self.signs)
            #expect(try await connection.ask(search).first?.attributes == shown, "\(name)")
        }
    }

    @Test func anExpiryIsShownAsActiveDirectoryCountsIt() async throws {
        let connection = try await connect()
        for (name, shown) in [("both", "116446464000000000"), ("long-gone", "116440416000000000")] {
            let search = RequestMessage.search(LDAPFixture.people, .oneLevel, .equal("uid", name), ["accountExpires"])
            #expect(try await connection.ask(search).first?.attributes == ["accountExpires": [shown]])
        }
        #expect(try await names(connection, .present("accountExpires")) == ["gone", "long-gone", "later", "both"])
    }

    private static let shut: Set<String> = ["gone", "long-gone", "locked", "both"]
    private static let open: Set<String> = ["later", "zhangs", "boss", "li\\"]
    private static let filters: [(RequestMessage.Filter, Set<String>)] = [
        (.equal("nsAccountLock", "TRUE"), shut), (.equal("nsaccountlock", "true"), shut),
        (.not(.equal("nsAccountLock", "TRUE")), open), (.not(.present("nsAccountLock")), open),
        (.equal("nsAccountLock", "FALSE"), []), (.equal("userAccountControl", "514"), shut),
        (.equal("userAccountControl", "512"), []), (.atLeast("userAccountControl", "513"), shut),
        (.rule("1.2.840.113556.1.4.803", "userAccountControl", "2"), shut),
        (.not(.rule("1.2.840.113556.1.4.803", "userAccountControl", "2")), open),
        (.rule("integerBitAndMatch", "userAccountControl", "514"), shut),
        (.rule("1.2.840.113556.1.4.803", "userAccountControl", "3"), []),
        (.rule("1.2.840.113556.1.4.804", "userAccountControl", "3"), shut),
        (.rule("1.2.840.113556.1.4.804", "userAccountControl", "1"), []),
        (.equal("pwdAccountLockedTime", "000001010000Z"), shut),
        (.equal("pwdAccountLockedTime", "00000101000000Z"), shut),
        (.atLeast("pwdAccountLockedTime", "20200101000000Z"), []), (.present("pwdAccountLockedTime"), shut),
        (.equal("shadowExpire", "1"), shut), (.equal("shadowExpire", "2"), []), (.equal("shadowExpire", "-5"), []),
        (.equal("shadowExpire", "\(today + 1)"), ["later"]),
        (.equal("accountExpires", "116446464000000000"), ["both"]),
        (.equal("accountExpires", "116446464000000001"), []),
        (.atLeast("accountExpires", "116446464000000001"), ["gone", "later"]),
        (
            .not(.atLeast("accountExpires", "116446464000000000")),
            open.union(["locked", "long-gone"]).subtracting(["later"])
        ),
        (.atLeast("accountExpires", "-1"), ["gone", "long-gone", "later", "both"]),
        (.atLeast("accountExpires", "99999999999999999999"), []),
        // Bits of other numbers, and what is no number.
        (.rule("1.2.840.113556.1.4.803", "uidNumber", "20000"), ["gone", "long-gone", "later", "both"]),
        (.rule("1.2.840.113556.1.4.803", "uidNumber", "4294987296"), []),
        (.rule("1.2.840.113556.1.4.804", "uidNumber", "4294967297"), ["gone", "later", "locked", "li\\"]),
        (.rule("1.2.840.113556.1.4.803", "uidNumber", "-1"), []),
        (.rule("1.2.840.113556.1.4.803", "uidNumber", "x"), []),
        (.not(.rule("1.2.840.113556.1.4.803", "uid", "2")), []),
        (.not(.rule("1.2.840.113556.1.4.803", "shadowExpire", "1")), []),
    ]

    @Test(arguments: filters) func filtersFindThem(filter: RequestMessage.Filter, found: Set<String>) async throws {
        #expect(try await names(connect(), filter) == found)
    }

    @Test func signsAreOperational() async throws {
        let connection = try await connect()
        let all = try await connection.ask(.search(LDAPFixture.people, .oneLevel, .equal("uid", "locked"), ["*"]))
        #expect(all.first?.attributes["shadowExpire"] == ["1"])
        #expect(all.first?.attributes["nsAccountLock"] == nil)
        let names = try await connection.ask(
            .search(LDAPFixture.people, .oneLevel, .equal("uid", "locked"), Self.signs, typesOnly: true))
        #expect(names.first?.attributes.keys.sorted() == Self.signs.sorted())
    }

    /// SSSD's ppolicy lets everybody in where this entry is missing.
    @Test func aPolicySaysThatLocksCount() async throws {
        let served = try await LDAPFixture()
        let name = "cn=ppolicy,ou=hpc-aaaa,\(LDAPFixture.base)"
        for base in [name, "CN=PPolicy, ou=HPC-AAAA,\(LDAPFixture.base)"] {
            let found = try await served.connect().ask(
                .search(base, .base, .equal("objectClass", "pwdPolicy"), []))
            #expect(found.first?.name == name)
            #expect(found.first?.attributes["pwdLockout"] == ["TRUE"])
            #expect(found.first?.attributes["pwdAttribute"] == ["userPassword"])
        }
        let connection = try await served.connect()
        let below = "ou=hpc-aaaa,\(LDAPFixture.base)"
        for filter in [
            RequestMessage.Filter.equal("pwdLockout", "TRUE"), .equal("pwdAttribute", "2.5.4.35"),
            .equal("cn", "ppolicy"),
            .equal("structuralObjectClass", "device"),
        ] {
            #expect(try await connection.search(below, .subtree, filter) == [name])
        }
        #expect(try await connection.search(name, .oneLevel).isEmpty)
        let answer = try await connection.ask(.compare(name, "pwdLockout", "TRUE"))
        #expect(answer.last?.code == .compareTrue)
        let hidden = try await connection.ask(
            .search("cn=ppolicy,ou=hpc-bbbb,\(LDAPFixture.base)", .base, .present("objectClass"), []))
        #expect(hidden.last?.code == .noSuchObject)
    }
}
