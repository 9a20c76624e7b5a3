import RosterModel
import Testing

@Suite struct AttributeDeclarationTests {
    private static func declare(
        _ name: String = "projectCode", oid: String = "1.3.6.1.4.1.1", _ syntax: AttributeDeclaration.Syntax = .text,
        isSearchable: Bool = false
    ) throws -> AttributeDeclaration {
        try AttributeDeclaration(
            name: name, oid: oid, syntax: syntax, isMultiple: true, isSearchable: isSearchable,
            createTime: Timestamp(seconds: 0))
    }

    @Test(arguments: ["a", "projectCode", "x-1", String(repeating: "a", count: 64), "roomNumber"])
    func takesTheNamesOfRFC4512(name: String) throws {
        #expect(try Self.declare(name).name == name)
    }

    @Test(arguments: [
        "", "1a", "-a", "a b", "a_b", "a;lang-de", "é", "a.b", "a\n", String(repeating: "a", count: 65), "mail", "CN",
        "commonName", "uid", "userPassword", "MEMBEROF", "dn", "objectclass", "shadowMax",
    ])
    func refusesOtherNamesAndThoseOfEveryDirectory(name: String) {
        #expect(throws: RosterError.self) { try Self.declare(name) }
    }

    @Test(arguments: ["", "1", "1.", ".1", "1..2", "01.2", "1.02", "3.1", "a.b", "1.2 ", "1.2\n", "-1.2"])
    func refusesWhatIsNoObjectIdentifier(oid: String) {
        #expect(throws: RosterError.self) { try Self.declare(oid: oid) }
    }

    @Test func onlyTextIsSearched() throws {
        #expect(try Self.declare(isSearchable: true).isSearchable)
        #expect(throws: RosterError.self) { try Self.declare("x", .integer, isSearchable: true) }
    }

    @Test(
        arguments: [
            (.text, "a: b", true), (.text, "a\nb", false), (.text, "", false), (.integer, "-5", true),
            (.integer, "+5", false), (.integer, "05", false), (.integer, "9223372036854775808", false),
            (.boolean, "TRUE", true), (.boolean, "true", false), (.dn, "cn=a,dc=b", true), (.dn, "a", false),
            (.binary, "\u{0}\n", true), (.binary, "", false),
        ] as [(AttributeDeclaration.Syntax, String, Bool)])
    func valuesAreChecked(syntax: AttributeDeclaration.Syntax, value: String, isRight: Bool) throws {
        let attribute = UserAttribute.declared(try Self.declare("x", syntax))
        #expect(((try? attribute.check(Array(value.utf8))) != nil) == isRight)
    }

    @Test func binaryValuesAreBounded() throws {
        let attribute = UserAttribute.declared(try Self.declare("x", .binary))
        try attribute.check([UInt8](repeating: 0xFF, count: 128 << 10))
        #expect(throws: RosterError.self) { try attribute.check([UInt8](repeating: 0xFF, count: 128 << 10 + 1)) }
    }

    @Test func aCatalogKnowsWhatIsNotRemoved() throws {
        var removed = try Self.declare("b")
        removed.removeTime = Timestamp(seconds: 1)
        let catalog = AttributeCatalog([try Self.declare("zeta"), removed, try Self.declare("Alpha")])
        #expect(catalog.declared.map(\.name) == ["Alpha", "zeta"])
        #expect(catalog.attribute(named: "ALPHA")?.name == "Alpha")
        #expect(catalog.attribute(named: "b") == nil)
        #expect(catalog.attribute(named: "MAIL") == .mail)
        #expect(catalog.all.count == UserAttribute.standard.count + 2)
        #expect(Set(UserAttribute.standard).count == UserAttribute.standard.count)
    }

    @Test func namesOfEntriesAreTheSameWhateverTheirCase() {
        func isSame(_ left: String, _ right: String) -> Bool {
            DistinguishedName(Array(left.utf8)[...]).flatMap { left in
                DistinguishedName(Array(right.utf8)[...]).map(left.isSame)
            } ?? false
        }
        #expect(isSame("cn=A  b,dc=x", "CN=a b, DC=X"))
        #expect(isSame("cn=a+ou=b,dc=x", "ou=B+cn=a,dc=x"))
        #expect(!isSame("cn=a,dc=x", "cn=a") && !isSame("cn=a", "ou=a") && !isSame("cn=a", "cn=b"))
    }
}
