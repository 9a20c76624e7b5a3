import RosterDirectory
import RosterModel
import RosterStore
import RosterTesting
import Testing

@testable import RosterLDAP

/// Attributes that the site declares are published, returned and searched like the others.
@Suite(.timeLimit(.minutes(5))) struct DeclaredAttributeTests {
    private static func declaration(
        _ name: String, _ syntax: AttributeDeclaration.Syntax, _ number: Int
    ) -> AttributeDeclaration {
        AttributeDeclaration(
            stored: name, oid: "1.3.6.1.4.1.9.\(number)", syntax: syntax, isMultiple: true, isSearchable: false,
            createTime: Timestamp(seconds: 4_000_000_000))
    }

    private static let declarations = [
        declaration("projectCode", .text, 1), declaration("costCentre", .integer, 2),
        declaration("isGuest", .boolean, 3),
        declaration("sponsor", .dn, 4), declaration("badge", .binary, 5), declaration("roomNumber", .text, 6),
    ]

    private func connect() async throws -> Connection {
        var user = Fixtures.user("ann", uid: 20_001, cluster: LDAPFixture.cluster)
        for (place, values) in [
            ["Optics 7", "ünal"], ["42", "-7"], ["TRUE"], ["cn=Boss, dc=Example"], ["\u{1}b"], ["B 2.17"],
        ].enumerated() {
            user.attributes[.declared(Self.declarations[place])] = values.map { Array($0.utf8) }
        }
        let fixture = try await LDAPFixture(users: [
            user, Fixtures.user("bob", uid: 20_002, cluster: LDAPFixture.cluster),
        ])
        var change = Fixtures.change()
        change.attributes = Self.declarations
        try await fixture.directory.commit(change)
        return try await fixture.connect()
    }

    private func entry(_ connection: Connection, _ name: String, _ attributes: [String]) async throws -> ResponseMessage
    {
        let found = try await connection.ask(.search(LDAPFixture.people, .oneLevel, .equal("uid", name), attributes))
        return try #require(found.first)
    }

    @Test func theyAreReturnedAsAsked() async throws {
        let connection = try await connect()
        for selection in [[], ["*"], ["PROJECTCODE", "1.3.6.1.4.1.9.2", "objectclass", "roomnumber"]] {
            let attributes = try await entry(connection, "ann", selection).attributes
            #expect(attributes["projectCode"] == ["Optics 7", "ünal"])
            #expect(attributes["costCentre"] == ["42", "-7"])
            #expect(attributes["roomNumber"] == ["B 2.17"])
            #expect(attributes["objectClass"]?.last == "rosterSiteUser")
            #expect((attributes["sponsor"] != nil) == (selection.count < 2))
        }
        #expect(try await entry(connection, "ann", ["+"]).attributes["projectCode"] == nil)
        #expect(try await entry(connection, "ann", ["uid", "projectCodes"]).attributes.keys.sorted() == ["uid"])
        #expect(try await entry(connection, "bob", []).attributes["objectClass"]?.contains("rosterSiteUser") == false)
    }

    @Test(arguments: [
        // Numbers are compared as numbers, the least value counts, and who has none comes last.
        ("costCentre", ["cy", "dee", "ann", "bob"]), ("-costCentre", ["bob", "ann", "dee", "cy"]),
        ("1.3.6.1.4.1.9.2:integerOrderingMatch", ["cy", "dee", "ann", "bob"]),
        ("PROJECTCODE", ["ann", "cy", "dee", "bob"]),
        ("projectCode:caseExactOrderingMatch", ["dee", "ann", "cy", "bob"]),
    ])
    func searchesAreSortedByThem(key: String, order: [String]) async throws {
        let users = [("ann", "10", "alpha"), ("bob", nil, nil), ("cy", "2", "beta"), ("dee", "9", "Gamma")]
        let fixture = try await LDAPFixture(
            users: users.enumerated().map { place, user in
                var made = Fixtures.user(user.0, uid: 20_001 + UInt32(place), cluster: LDAPFixture.cluster)
                if let number = user.1, let text = user.2 {
                    made.attributes[.declared(Self.declarations[1])] = [Array(number.utf8), Array("99".utf8)]
                    made.attributes[.declared(Self.declarations[0])] = [Array(text.utf8)]
                }
                return made
            })
        var change = Fixtures.change()
        change.attributes = Self.declarations
        try await fixture.directory.commit(change)
        let connection = try await fixture.connect()
        let answers = try await connection.ask(
            .search(LDAPFixture.people, .oneLevel, .atLeast("uidNumber", "20001"), ["1.1"]),
            controls: [ControlTests.sort(key)])
        #expect(answers.last?.sortCode == 0)
        let names = answers.compactMap(\.name).map { String($0.dropFirst(4).prefix { $0 != "," }) }
        #expect(names == order)
    }

    @Test func aBinaryOneIsSortedByItsOctetsAndAnUnknownRuleIsRefused() async throws {
        let connection = try await connect()
        let search = RequestMessage.search(LDAPFixture.people, .oneLevel, .present("badge"), ["1.1"])
        for (key, code) in [("badge", 0), ("badge:integerOrderingMatch", 18), ("badges", 16)] {
            let answers = try await connection.ask(search, controls: [ControlTests.sort(key, isCritical: false)])
            #expect(answers.last?.sortCode == code, "\(key)")
        }
    }

    @Test func filtersFollowTheSyntax() async throws {
        let connection = try await connect()
        let (ann, bob) = (Set(["ann"]), Set(["bob"]))
        for (filter, found) in [
            (.present("projectCode"), ann), (.not(.present("projectcode")), bob),
            (.equal("projectCode", "OPTICS  7"), ann), (.equal("projectCode", "ÜNAL"), ann),
            (.equal("projectCode", "Optics"), []), (.equal("1.3.6.1.4.1.9.1", "optics 7"), ann),
            (.equal("costCentre", "42"), ann), (.equal("costCentre", "042"), []), (.equal("costCentre", "x"), []),
            (.equal("isGuest", "TRUE"), ann), (.equal("isGuest", "FALSE"), []), (.equal("isGuest", "true"), []),
            (.equal("sponsor", "CN=boss,DC=example"), ann), (.equal("sponsor", "cn=boss"), []),
            (.equal("badge", "\u{1}b"), ann), (.equal("badge", "\u{1}B"), []),
            (.equal("roomNumber", "b 2.17"), ann), (.present("roomNumber"), ann),
            (.equal("objectClass", "rosterSiteUser"), ann),
        ] as [(RequestMessage.Filter, Set<String>)] {
            let users: RequestMessage.Filter = .and([filter, .or([.equal("uid", "ann"), .equal("uid", "bob")])])
            let names = try await connection.search(LDAPFixture.people, .oneLevel, users)
            #expect(Set(names.map { String($0.dropFirst(4).prefix(3)) }) == found, "\(filter)")
        }
    }

    @Test func groupsAndUnitsDoNotHaveThem() async throws {
        let connection = try await connect()
        let base = "ou=hpc-aaaa,\(LDAPFixture.base)"
        let with = try await connection.search(base, .subtree, .present("projectCode"))
        #expect(with.count == 1)
        let without = try await connection.search(base, .subtree, .not(.present("projectCode")))
        #expect(without.contains("cn=gpu,ou=Group,\(base)") && without.contains("ou=People,\(base)"))
    }

    @Test func theSchemaDefinesThem() async throws {
        let connection = try await connect()
        let answer = try await connection.ask(
            .search("cn=Subschema", .base, .equal("objectClass", "subschema"), ["*", "+"]))
        let attributes = try #require(answer.first).attributes
        let types = try #require(attributes["attributeTypes"])
        #expect(
            types.contains(
                "( 1.3.6.1.4.1.9.1 NAME 'projectCode' DESC 'declared by the site' EQUALITY caseIgnoreMatch "
                    + "SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )"))
        #expect(types.count { $0.contains("'roomNumber'") } == 1)
        let classes = try #require(attributes["objectClasses"])
        #expect(
            classes.contains {
                $0.contains("NAME 'rosterSiteUser'")
                    && $0.contains("MAY ( badge $ costCentre $ isGuest $ projectCode $ roomNumber $ sponsor )")
            })
        #expect(attributes["modifyTimestamp"] == ["20961002070640Z"])
    }

    /// A declared attribute must not hide one that entries of users have.
    @Test func attributesOfUsersCannotBeDeclared() {
        for definition in Schema.standard.definitions
        where definition.user != nil || definition.names[0] == "userPassword" {
            for name in definition.names {
                #expect(throws: RosterError.self, "\(name)") {
                    try AttributeDeclaration(
                        name: name, oid: "1.2.3", syntax: .text, isMultiple: false, isSearchable: false,
                        createTime: Fixtures.time)
                }
            }
        }
    }
}
