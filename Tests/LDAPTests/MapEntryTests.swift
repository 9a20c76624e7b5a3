import RosterDirectory
import RosterModel
import RosterStore
import RosterTesting
import Testing

@testable import RosterLDAP

/// Map entries are served below the base of their cluster, to those who see all of the cluster.
@Suite(.timeLimit(.minutes(5))) struct MapEntryTests {
    private let base = "ou=hpc-aaaa,\(LDAPFixture.base)"

    private static func entry(
        _ kind: MapEntry.Kind, _ place: String, _ values: [MapAttribute: [String]] = [:]
    ) throws -> MapEntry {
        var attributes = MapAttributes()
        for (attribute, list) in values { attributes[attribute] = list }
        return try MapEntry(
            cluster: LDAPFixture.cluster.id, kind: kind, place: try MapPlace(text: place), attributes: attributes,
            time: Fixtures.time)
    }

    private static func served() async throws -> LDAPFixture {
        let served = try await LDAPFixture()
        var change = Fixtures.change()
        change.mapEntries = [
            try entry(.organizationalUnit, "ou=SUDOers"),
            try entry(
                .sudoRole, "cn=ops,ou=SUDOers",
                [
                    .sudoUser: ["%wheel", "zhangs"], .sudoHost: ["ALL"], .sudoCommand: ["/bin/ls", "!/bin/sh"],
                    .sudoOrder: ["5"], .sudoNotAfter: ["20300101000000Z"],
                ]),
            try entry(.sudoRole, "cn=late,ou=SUDOers", [.sudoUser: ["Zhangs"], .sudoOrder: ["-1"]]),
            try entry(.organizationalUnit, "ou=automount"),
            try entry(.automountMap, "automountMapName=auto.home,ou=automount"),
            try entry(
                .automount, "automountKey=*,automountMapName=auto.home,ou=automount",
                [.automountInformation: ["server:/home/&"]]),
            try entry(.organizationalUnit, "ou=netgroup"),
            try entry(.nisNetgroup, "cn=nodes,ou=netgroup", [.nisNetgroupTriple: ["(n1,,)", "(n2,zhangs,)"]]),
        ]
        try await served.directory.commit(change)
        return served
    }

    @Test func everyEntryIsFoundAtItsPlace() async throws {
        let connection = try await Self.served().connect()
        let all = [
            "ou=SUDOers", "cn=late,ou=SUDOers", "cn=ops,ou=SUDOers", "ou=automount",
            "automountMapName=auto.home,ou=automount", "automountKey=*,automountMapName=auto.home,ou=automount",
            "ou=netgroup", "cn=nodes,ou=netgroup",
        ].map { "\($0),\(base)" }
        for name in all {
            #expect(try await connection.search(name, .base) == [name])
            #expect(
                try await connection.search(name.uppercased().replacing("AUTO.HOME", with: "auto.home"), .base) == [
                    name
                ])
        }
        #expect(Set(try await connection.search(base)).isSuperset(of: all))
        #expect(try await connection.search("ou=SUDOers,\(base)") == [all[0], all[1], all[2]])
        #expect(try await connection.search("ou=SUDOers,\(base)", .oneLevel) == [all[1], all[2]])
        #expect(try await connection.search("ou=automount,\(base)", .oneLevel) == [all[4]])
        #expect(try await connection.search("ou=automount,\(base)") == [all[3], all[4], all[5]])
        let top = try await connection.search(base, .oneLevel)
        #expect(
            top.sorted()
                == ["cn=ppolicy", "ou=Group", "ou=People", "ou=SUDOers", "ou=automount", "ou=netgroup"].map {
                    "\($0),\(base)"
                })
    }

    @Test func anEntryShowsItsAttributes() async throws {
        let connection = try await Self.served().connect()
        let role = try #require(
            try await connection.ask(.search("cn=ops,ou=sudoers,\(base)", .base, .present("objectClass"), ["*", "+"]))
                .first)
        #expect(role.attributes["objectClass"] == ["top", "sudoRole"])
        #expect(role.attributes["sudoUser"] == ["%wheel", "zhangs"])
        #expect(role.attributes["sudoCommand"] == ["/bin/ls", "!/bin/sh"])
        #expect(role.attributes["modifyTimestamp"] == [Fixtures.time.generalizedTime])
        #expect(role.attributes["structuralObjectClass"] == ["sudoRole"])
        #expect(role.attributes["hasSubordinates"] == ["FALSE"])
        let unit = try await connection.ask(.search("ou=automount,\(base)", .base, .present("ou"), ["+"])).first
        #expect(unit?.attributes["hasSubordinates"] == ["TRUE"])
    }

    /// The filters that sudo, autofs, nslcd and SSSD send.
    @Test func filtersFindWhatTheySay() async throws {
        let connection = try await Self.served().connect()
        let sudoers = "ou=SUDOers,\(base)"
        let filters: [(RequestMessage.Filter, [String])] = [
            (.and([.equal("objectClass", "sudoRole"), .equal("sudoUser", "zhangs")]), ["cn=ops"]),
            (.and([.equal("objectClass", "sudoRole"), .equal("sudoUser", "Zhangs")]), ["cn=late"]),
            (.or([.equal("sudoUser", "%wheel"), .equal("sudoUser", "+x")]), ["cn=ops"]),
            (.contains("sudoUser", "hangs"), ["cn=late", "cn=ops"]),
            (.atLeast("sudoOrder", "0"), ["cn=ops"]),
            (.and([.equal("objectclass", "sudorole"), .not(.present("sudoNotAfter"))]), ["cn=late"]),
            (
                .or([.not(.present("sudoNotAfter")), .atLeast("sudoNotAfter", "20310101000000.0Z")]),
                ["cn=late", "ou=SUDOers"]
            ),
            (.atLeast("sudoNotAfter", "20291231235959Z"), ["cn=ops"]),
            (.atLeast("modifyTimestamp", "20200101000000Z"), ["cn=late", "cn=ops", "ou=SUDOers"]),
            (.and([.equal("objectClass", "sudoRole"), .atLeast("modifyTimestamp", "20990101000000Z")]), []),
            (.equal("cn", "OPS"), ["cn=ops"]), (.rule("caseExactMatch", "cn", "OPS"), []),
            (.equal("uid", "zhangs"), []), (.equal("sudoHost", "hôte"), []), (.equal("sudoOrder", "1x"), []),
        ]
        for (filter, names) in filters {
            let found = try await connection.search(sudoers, .subtree, filter)
            #expect(found.map { String($0.prefix { $0 != "," }) }.sorted() == names, "\(filter)")
        }
        #expect(
            try await connection.search(
                "automountMapName=auto.home,ou=automount,\(base)", .oneLevel,
                .and([
                    .equal("objectClass", "automount"),
                    .or([.equal("automountKey", "zhangs"), .equal("automountKey", "/"), .equal("automountKey", "*")]),
                ])
            ).count == 1)
        #expect(try await connection.search(base, .subtree, .equal("nisNetgroupTriple", "(N1,,)")).count == 1)
        #expect(
            try await connection.search(
                base, .subtree, .and([.equal("objectClass", "nisNetgroup"), .equal("cn", "nodes")]))
                == ["cn=nodes,ou=netgroup,\(base)"])
        // A user is still found alone, and below the whole base.
        #expect(try await connection.search(LDAPFixture.base, .subtree, .equal("uid", "zhangs")).count == 1)
        #expect(
            try await connection.ask(.compare("cn=ops,\(sudoers)", "sudoUser", "zhangs")).last?.code == .compareTrue)
        #expect(try await connection.ask(.compare("cn=ops,\(sudoers)", "sudoHost", "x")).last?.code == .compareFalse)
    }

    @Test func whoSeesOwnRowsOnlySeesNone() async throws {
        let served = try await Self.served()
        let user = try await served.connect(as: "zhangs", "secret of zhangs")
        for name in ["ou=sudoers,\(base)", "cn=ops,ou=sudoers,\(base)", "cn=none,\(base)"] {
            #expect(
                try await user.ask(.search(name, .subtree, .present("objectClass"), [])).map(\.code) == [.noSuchObject])
        }
        #expect(try await user.search(base, .subtree, .present("sudoUser")).isEmpty)
        let nobody = try await served.connect(key: nil)
        #expect(
            try await nobody.ask(.search("ou=sudoers,\(base)", .base, .present("objectClass"), [])).map(\.code)
                == [.insufficientAccessRights])
    }

    @Test(arguments: [
        "cn=none,ou=sudoers", "cn=a+sudoUser=b", "x=1", "cn=\\00,ou=sudoers",
        "cn=a,cn=a,cn=a,cn=a,cn=a,cn=a,cn=a,cn=a,cn=a",
    ])
    func aNameThatIsNoneIsNotThere(name: String) async throws {
        let connection = try await Self.served().connect()
        #expect(
            try await connection.ask(.search("\(name),\(base)", .base, .present("objectClass"), [])).map(\.code)
                == [.noSuchObject])
    }

    @Test func manyEntriesComeInPages() async throws {
        let served = try await LDAPFixture()
        var change = Fixtures.change()
        change.mapEntries = [try Self.entry(.organizationalUnit, "ou=netgroup")]
        for number in 0..<3000 {
            change.mapEntries.append(
                try Self.entry(.nisNetgroup, "cn=g\(number),ou=netgroup", [.nisNetgroupTriple: ["(n\(number),,)"]]))
        }
        try await served.directory.commit(change)
        let connection = try await served.connect()
        let filter = RequestMessage.Filter.equal("objectClass", "nisNetgroup")
        #expect(try await connection.search(base, .subtree, filter).count == 3000)
        #expect(try await connection.search(base, .subtree, .equal("nisNetgroupTriple", "(n2999,,)")).count == 1)
    }

    @Test func theSchemaDescribesThem() {
        #expect(
            ObjectClass.automount.description(in: .standard)
                == "( 1.3.6.1.1.1.2.17 NAME 'automount' DESC 'an entry of a map of an automounter' SUP top STRUCTURAL "
                + "MUST ( automountKey $ automountInformation ) MAY description )"
        )
        #expect(
            ObjectClass.sudoRole.description(in: .standard).contains("MUST cn MAY ( description $ sudoUser $ sudoHost"))
        for kind in MapEntry.Kind.allCases {
            #expect(kind.objectClass.rawValue == kind.rawValue)
            for attribute in kind.required + kind.allowed {
                #expect(AttributeType(Array(attribute.name.utf8)[...]) != nil, "\(attribute)")
            }
        }
    }
}
