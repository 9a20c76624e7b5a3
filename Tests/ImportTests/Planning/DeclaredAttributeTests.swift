import RosterModel
import RosterStore
import RosterTesting
import Testing

@testable import RosterImport

/// Attributes that the site declares come in by import, and a file may declare them itself.
@Suite struct DeclaredAttributeTests {
    private static func declaration(
        _ name: String, _ syntax: AttributeDeclaration.Syntax = .text, isMultiple: Bool = true
    ) -> AttributeDeclaration {
        AttributeDeclaration(
            stored: name, oid: "1.2.\(name.utf8.count)", syntax: syntax, isMultiple: isMultiple, isSearchable: false,
            createTime: Fixtures.time)
    }

    private static let person = """
        dn: uid=zhang,ou=People,ou=hpc-aaaa,dc=x
        objectClass: posixAccount
        uid: zhang
        uidNumber: 20000
        gidNumber: 20000
        homeDirectory: /home/zhang
        projectcode: one
        ProjectCode;x-a: two
        roomNumber: 7
        costCentre: none

        """

    private func plan(_ file: ImportFile, declared: [AttributeDeclaration] = []) -> ImportPlan {
        var planner = ImportPlanner(file, options: ImportOptions(zone: Fixtures.zone))
        var basis = ImportBasis(revision: .none)
        basis.attributes = declared
        return planner.plan(basis: basis, now: Fixtures.time)
    }

    @Test func declaredValuesAreKeptAndOthersCounted() throws {
        let declared = [Self.declaration("projectCode"), Self.declaration("costCentre", .integer)]
        let file = ImportReader.read(Array(Self.person.utf8), format: .ldif, catalog: AttributeCatalog(declared))
        let plan = plan(file, declared: declared)
        #expect(plan.faults.isEmpty)
        #expect(plan.items.first?.user.attributes.text == "projectCode: one\n")
        #expect(plan.newAttributes.isEmpty)
        let remarks = plan.diagnostics.map(\.message)
        #expect(remarks.contains { $0.hasPrefix("roomNumber: not kept") && $0.contains("roster attribute declare") })
        #expect(remarks.contains { $0.contains("costCentre") && $0.hasSuffix("left out") })
    }

    @Test func aFileDeclaresWhatItsUsersHave() throws {
        let head = """
            dn: cn=projectCode,dc=x
            objectClass: rosterAttribute
            rosterAttributeName: projectCode
            rosterAttributeOID: 1.2.3
            rosterAttributeSyntax: text
            rosterAttributeMultiple: TRUE


            """
        let file = ImportReader.read(Array((head + Self.person).utf8), format: .ldif)
        let plan = plan(file)
        #expect(plan.newAttributes.map(\.name) == ["projectCode"])
        #expect(plan.newAttributes.first?.createTime == Fixtures.time)
        #expect(plan.items.first?.user.attributes.text == "projectCode: one\n")
        #expect(plan.summary.hasSuffix("; attributes: 1 new"))
        // An identifier is of one attribute only.
        var taken = Self.declaration("other")
        taken.oid = "1.2.3"
        #expect(self.plan(file, declared: [taken]).faults.count == 1)
        // What is there already is left alone.
        #expect(self.plan(file, declared: [Self.declaration("projectCODE")]).newAttributes.isEmpty)
    }

    @Test(arguments: ["mail", "a b", ""])
    func aBadDeclarationIsSaidAndThePeopleAreRead(name: String) {
        let head = """
            dn: cn=x,dc=x
            objectClass: rosterAttribute
            rosterAttributeName: \(name)
            rosterAttributeOID: 1.2.3
            rosterAttributeSyntax: text


            """
        let file = ImportReader.read(Array((head + Self.person).utf8), format: .ldif)
        #expect(file.records.count == 1 && file.declarations.isEmpty)
        #expect(file.skipped.contains { $0.message.hasPrefix("an attribute is not declared") })
    }

    @Test func columnsOfCSVAreKept() {
        let catalog = AttributeCatalog([Self.declaration("projectCode"), Self.declaration("badge", .binary)])
        let text = "username,PROJECTCODE,badge\nzhang,a|b,AAE=\n"
        let file = ImportReader.read(
            Array(text.utf8), format: .csv, csv: CSVOptions(valueSeparator: "|"), catalog: catalog)
        #expect(file.faults.isEmpty && file.skipped.isEmpty)
        #expect(file.records.first?.attributes.text == "badge:: AAE=\nprojectCode: a\nprojectCode: b\n")
    }
}
