import RosterLDAP
import RosterModel
import RosterTesting
import Testing

@Suite struct SchemaTests {
    @Test(arguments: ["", "cn=x", "dc=", "nonsense", "dc=a+o=b,dc=com", "uid=a,dc=com"])
    func refusesABaseThatCannotBeOne(base: String) {
        #expect(throws: RosterError.self) { try DirectoryInformationTree(base: base) }
    }

    @Test(arguments: ["dc=ehpccloud,dc=com", "o=Site", "ou=hpc, dc=example,dc=org", "c=cn"])
    func takesTheUsualBases(base: String) throws {
        _ = try DirectoryInformationTree(base: base)
    }
}
