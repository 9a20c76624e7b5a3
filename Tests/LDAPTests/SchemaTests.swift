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
                == "( 1.3.6.1.1.1.2.2 NAME 'posixGroup' SUP top AUXILIARY MUST ( cn $ gidNumber ) "
                + "MAY ( memberUid $ description $ userPassword ) )")
        #expect(
            ObjectClass.organizationalPerson.description(in: .standard)
                == "( 2.5.6.7 NAME 'organizationalPerson' SUP person STRUCTURAL MAY ( title $ ou ) )")
        #expect(
            AttributeType.uid.definition.description
                == "( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) EQUALITY caseIgnoreMatch "
                + "SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )")
    }

    /// One line of the table is all that an attribute needs.
    @Test func anAttributeIsDefinedInOnePlace() throws {
        let schema = Schema(
            Schema.standard.definitions + [
                .directoryString(
                    "2.16.840.1.113730.3.1.1", "carLicense", "plate", allowedBy: [.inetOrgPerson],
                    user: .text(.gecos))
            ])
        let license = try #require(schema.type(named: Array("PLATE".utf8)[...]))
        #expect(schema.readableAttributes.contains(license))
        #expect(!schema.operationalAttributes.contains(license))
        #expect(schema.userAttributes.last?.type == license)
        #expect(schema.attributes(of: [.inetOrgPerson]).contains(license))
        #expect(ObjectClass.inetOrgPerson.description(in: schema).contains("$ o $ carLicense ) )"))
    }

    /// What is written and what filters are lowered to follow from one definition: they agree.
    @Test func everyValueOfAUserIsFoundByAFilter() async throws {
        let connection = try await LDAPFixture().connect()
        for name in ["zhangs", "locked", "li, x"] {
            let filter = Asked.Filter.equal("uid", name)
            let found = try await connection.ask(.search(LDAPFixture.people, .oneLevel, filter, ["*", "+"])).first
            let entry = try #require(found)
            let names = Schema.standard.userAttributes.map(\.type.name)
            let present = names.filter { entry.attributes[$0] != nil }
            let absent = names.filter { entry.attributes[$0] == nil }
            let hasAll = Asked.Filter.and([filter] + present.map { .present($0) })
            #expect(try await connection.search(LDAPFixture.people, .oneLevel, hasAll) == [entry.name])
            let hasMore = Asked.Filter.and([filter, .or(absent.map { .present($0) })])
            #expect(try await connection.search(LDAPFixture.people, .oneLevel, hasMore).isEmpty)
            for name in present {
                let values = entry.attributes[name] ?? []
                for value in values {
                    let equal = Asked.Filter.and([filter, .equal(name, value)])
                    #expect(
                        try await connection.search(LDAPFixture.people, .oneLevel, equal) == [entry.name],
                        "\(name)")
                }
            }
        }
    }
}
