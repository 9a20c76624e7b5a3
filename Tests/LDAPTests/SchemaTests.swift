import RosterModel
import RosterTesting
import Testing

@testable import RosterLDAP

@Suite(.timeLimit(.minutes(5))) struct SchemaTests {
    @Test(arguments: ["", "cn=x", "dc=", "nonsense", "dc=a+o=b,dc=com", "uid=a,dc=com"])
    func refusesABaseThatCannotBeOne(base: String) {
        #expect(throws: RosterError.self) { try DirectoryInformationTree(base: base) }
    }

    @Test(arguments: ["dc=ehpccloud,dc=com", "o=Site", "ou=hpc, dc=example,dc=org", "c=cn"])
    func takesTheUsualBases(base: String) throws {
        _ = try DirectoryInformationTree(base: base)
    }

    @Test func publishesWhichEntriesHaveAnAttribute() {
        #expect(
            ObjectClass.posixGroup.description(in: .standard)
                == "( 1.3.6.1.1.1.2.2 NAME 'posixGroup' DESC 'a group of POSIX' SUP top AUXILIARY MUST ( cn $ gidNumber ) "
                + "MAY ( memberUid $ description $ userPassword ) )")
        #expect(
            ObjectClass.groupOfNames.description(in: .standard)
                == "( 2.5.6.9 NAME 'groupOfNames' DESC 'a group of named entries' SUP top STRUCTURAL MUST cn "
                + "MAY ( member $ ou $ o $ description $ businessCategory $ l $ owner $ seeAlso ) )")
        #expect(
            AttributeType.uid.definition.description
                == "( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) DESC 'the name of an account' "
                + "EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )")
        #expect(
            AttributeType.cn.definition.description.hasPrefix(
                "( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'a name by which it is known' SUP name EQUALITY "))
    }

    /// One line of the table is all that an attribute needs.
    @Test func anAttributeIsDefinedInOnePlace() throws {
        let schema = Schema(
            Schema.standard.definitions + [
                .text(
                    "1.3.6.1.4.1.99999.1", "badgeNumber", "badge", summary: "the number of a badge",
                    allowedBy: [.inetOrgPerson], user: .text(.gecos))
            ])
        let badge = try #require(schema.type(named: Array("BADGE".utf8)[...]))
        #expect(schema.readableAttributes.contains(badge))
        #expect(!schema.operationalAttributes.contains(badge))
        #expect(schema.userAttributes.last?.type == badge)
        #expect(schema.attributes(of: [.inetOrgPerson]).contains(badge))
        #expect(ObjectClass.inetOrgPerson.description(in: schema).hasSuffix(" $ badgeNumber ) )"))
    }

    @Test func namesAndIdentifiersAreOfOneDefinition() {
        let attributes = Schema.standard.definitions.flatMap { $0.names.map { $0.lowercased() } + [$0.oid] }
        #expect(Set(attributes).count == attributes.count)
        let classes = ObjectClass.allCases.flatMap { [$0.rawValue.lowercased(), $0.oid] }
        #expect(Set(classes).count == classes.count)
    }

    /// Whatever a definition refers to is defined too.
    @Test func whatIsPublishedIsWhole() async throws {
        let answer = try await LDAPFixture().connect(key: nil).ask(
            .search("cn=Subschema", .base, .equal("objectClass", "subschema"), ["*", "+"]))
        let entry = try #require(answer.first).attributes
        #expect(entry["createTimestamp"] == [Schema.changeTime])
        #expect(entry["modifyTimestamp"] == [Schema.changeTime])
        #expect(entry["subtreeSpecification"] == ["{}"])
        let attributes = try #require(entry["attributeTypes"])
        let classes = try #require(entry["objectClasses"])
        let rules = try #require(entry["matchingRules"])
        let syntaxes = try #require(entry["ldapSyntaxes"])
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        func quoted(_ texts: [String]) -> Set<String> {
            // A description is quoted too, and begins with no name.
            Set(
                texts.flatMap {
                    $0.prefix(upTo: $0.firstRange(of: " DESC ")?.lowerBound ?? $0.endIndex).split(separator: "'")
                }
                .map(String.init))
        }
        let known = (
            attributes: quoted(attributes), classes: quoted(classes), rules: quoted(rules),
            syntaxes: Set(syntaxes.map { words($0)[1] })
        )
        for text in attributes + classes {
            let all = words(text)
            #expect(text.contains(" DESC '"), "\(text)")
            for (word, next) in zip(all, all.dropFirst()) {
                switch word {
                case "EQUALITY", "ORDERING", "SUBSTR": #expect(known.rules.contains(next), "\(text)")
                case "SYNTAX": #expect(known.syntaxes.contains(next), "\(text)")
                case "SUP":
                    #expect(known.attributes.contains(next) || known.classes.contains(next), "\(text)")
                default: break
                }
            }
        }
        for rule in rules { #expect(known.syntaxes.contains(words(rule)[words(rule).count - 2]), "\(rule)") }
        #expect(attributes.count == Schema.standard.definitions.count)
        #expect(attributes.count > 150 && classes.count == ObjectClass.allCases.count && rules.count >= 28)
    }

    /// Clients read the schema anew when its time has changed: whoever changes a definition changes the time and this sum.
    @Test func theTimeChangesWithTheDefinitions() {
        let texts =
            Schema.standard.definitions.map(\.description) + ObjectClass.allCases.map { $0.description(in: .standard) }
            + Syntax.allCases.map(\.description) + MatchingRule.descriptions
        let sum = EntryUUID(entry: texts.joined(separator: "\n")).text
        #expect([Schema.changeTime, sum] == ["20261127110000Z", "0621a641-ef8d-89c8-af58-bae078713632"])
    }

    @Test func definitionsAreFoundByWhatTheyDefine() async throws {
        let connection = try await LDAPFixture().connect(key: nil)
        func isFound(_ type: String, _ value: String) async throws -> Bool {
            try await !connection.search("cn=Subschema", .base, .equal(type, value)).isEmpty
        }
        for (type, value) in [
            ("attributeTypes", "2.5.4.3"), ("attributeTypes", "commonName"), ("objectClasses", "person"),
            ("objectClasses", "2.5.6.6"), ("matchingRules", "caseIgnoreMatch"),
            ("ldapSyntaxes", "1.3.6.1.4.1.1466.115.121.1.15"),
        ] { #expect(try await isFound(type, value), "\(type) \(value)") }
        for (type, value) in [
            ("attributeTypes", "2.5.4"), ("attributeTypes", "2.5.4.999"), ("objectClasses", "nonsense"),
            ("objectClasses", ""), ("attributeTypes", "( 2.5.4.3"), ("matchingRules", "'"),
        ] { #expect(try await !isFound(type, value), "\(type) \(value)") }
    }

    /// A standard attribute that no entry has is absent; only of what is unknown nothing can be said.
    @Test func everyKnownAttributeIsThereOrNot() async throws {
        let connection = try await LDAPFixture().connect()
        for definition in Schema.standard.definitions where definition.names[0] != "userPassword" {
            for name in definition.names + [definition.oid] {
                let there = try await connection.search(LDAPFixture.people, .oneLevel, .present(name)).count
                let absent = try await connection.search(LDAPFixture.people, .oneLevel, .not(.present(name))).count
                #expect(there + absent == 4, "\(name)")
            }
        }
        func count(_ filter: RequestMessage.Filter) async throws -> Int {
            try await connection.search(LDAPFixture.people, .oneLevel, filter).count
        }
        for filter in [
            RequestMessage.Filter.equal("host", "x"), .equal("employeeType", "x"), .equal("seeAlso", "dc=x"),
            .contains("street", "x"), .equal("objectClass", "account"), .equal("objectClass", "2.5.6.1"),
            .equal("postalAddress", "a$b"), .equal("x121Address", "12 3"), .equal("x500UniqueIdentifier", "'01'B"),
            .equal("pwdReset", "TRUE"), .atLeast("pwdMaxAge", "0"), .equal("mobile", "+1"),
        ] {
            #expect(try await count(filter) == 0)
            #expect(try await count(.not(filter)) == 4, "\(filter)")
        }
        for filter in [
            RequestMessage.Filter.equal("sAMAccountName", "x"), .equal("objectClass", "group"),
            .equal("objectClass", "mail"),
            .equal("x121Address", "x"), .equal("x500UniqueIdentifier", "'2'B"), .equal("x500UniqueIdentifier", "'B"),
            .equal("pwdReset", "yes"), .equal("seeAlso", "x"), .equal("jpegPhoto", "x"), .equal("mobile", ""),
        ] {
            #expect(try await count(filter) == 0)
            #expect(try await count(.not(filter)) == 0, "\(filter)")
        }
    }

    /// RFC 4511 section 4.5.1.7 and 4.5.1.8: a supertype stands for its subtypes.
    @Test func aSupertypeStandsForItsSubtypes() async throws {
        let connection = try await LDAPFixture().connect()
        let base = LDAPFixture.base
        #expect(
            try await connection.search(base, .subtree, .equal("name", "ZHANGS")) == [
                "uid=zhangs,\(LDAPFixture.people)"
            ])
        #expect(
            try await connection.search(base, .subtree, .equal("name", "gpu")) == [
                "cn=gpu,ou=Group,ou=hpc-aaaa,\(base)"
            ])
        #expect(try await connection.search(base, .subtree, .equal("2.5.4.41", "people")) == [LDAPFixture.people])
        #expect(try await connection.search(base, .subtree, .present("name")).count == 10)
        #expect(try await connection.search(base, .subtree, .contains("name", "hang")).count == 1)
        #expect(try await connection.search(base, .subtree, .rule("caseExactMatch", "name", "ZHANGS")).isEmpty)
        let member = RequestMessage.Filter.equal("distinguishedName", "uid=boss,\(LDAPFixture.people)")
        #expect(try await connection.search(base, .subtree, member) == ["cn=gpu,ou=Group,ou=hpc-aaaa,\(base)"])
        let found = try await connection.ask(.search(base, .subtree, .equal("uid", "boss"), ["name"]))
        #expect(found.first?.attributes == ["cn": ["boss"], "sn": ["boss"]])
        let user = "uid=boss,\(LDAPFixture.people)"
        #expect(try await connection.ask(.compare(user, "name", "Boss")).last?.code == .compareTrue)
        #expect(try await connection.ask(.compare(user, "cn;lang-en", "boss")).last?.code == .noSuchAttribute)
        #expect(try await connection.ask(.compare(user, "nonsense;lang-en", "x")).last?.code == .undefinedAttributeType)
    }

    @Test func telephoneNumbersAreTheSameHoweverTheyAreSpaced() async throws {
        var user = Fixtures.user("tel", uid: 20_001, cluster: LDAPFixture.cluster)
        user.attributes[.telephoneNumber] = [Array("+49 30-1234 x".utf8)]
        let connection = try await LDAPFixture(users: [user]).connect()
        for (number, count) in [
            ("+49301234X", 1), ("+49 301 234x", 1), ("+4930123", 0), ("--+-493 01234x", 1), ("- ", 0),
        ] {
            #expect(
                try await connection.search(LDAPFixture.people, .oneLevel, .equal("telephoneNumber", number)).count
                    == count, "\(number)")
        }
    }

    /// What is written and what filters are lowered to follow from one definition: they agree.
    @Test func everyValueOfAUserIsFoundByAFilter() async throws {
        let connection = try await LDAPFixture().connect()
        for name in ["zhangs", "locked", "li, x"] {
            let filter = RequestMessage.Filter.equal("uid", name)
            let found = try await connection.ask(.search(LDAPFixture.people, .oneLevel, filter, ["*", "+"])).first
            let entry = try #require(found)
            let names = Schema.standard.userAttributes.map(\.type.name)
            let present = names.filter { entry.attributes[$0] != nil }
            let absent = names.filter { entry.attributes[$0] == nil }
            let hasAll = RequestMessage.Filter.and([filter] + present.map { .present($0) })
            #expect(try await connection.search(LDAPFixture.people, .oneLevel, hasAll) == [entry.name])
            let hasMore = RequestMessage.Filter.and([filter, .or(absent.map { .present($0) })])
            #expect(try await connection.search(LDAPFixture.people, .oneLevel, hasMore).isEmpty)
            for name in present {
                let values = entry.attributes[name] ?? []
                for value in values {
                    let equal = RequestMessage.Filter.and([filter, .equal(name, value)])
                    #expect(
                        try await connection.search(LDAPFixture.people, .oneLevel, equal) == [entry.name],
                        "\(name)")
                }
            }
        }
    }
}
