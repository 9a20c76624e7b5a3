import RosterImport
import RosterModel
import Testing

/// Columns of persons, of other names, and those that nothing is made of.
@Suite struct CSVColumnTests {
    private func read(_ text: String, _ options: CSVOptions = CSVOptions()) -> ImportFile {
        ImportReader.read(Array(text.utf8), format: .csv, csv: options)
    }

    @Test func attributesOfAPersonHaveLDAPsNamesAndPlainOnes() throws {
        let file = read(
            "UID,uidNumber,full_name,mail,departmentNumber,Surname\nzhang,5001,Zhang Wei,a@example.org,7,Zhang\n")
        #expect(file.faults.isEmpty && file.skipped.isEmpty)
        let record = try #require(file.records.first)
        #expect(record.username == "zhang" && record.uidNumber == "5001")
        #expect(
            record.attributes.texts(.fullName) == ["Zhang Wei"] && record.attributes.texts(.mail) == ["a@example.org"])
        #expect(record.attributes.texts(.department) == ["7"] && record.attributes.texts(.surname) == ["Zhang"])
    }

    @Test func everyAttributeHasAColumn() {
        for attribute in UserAttribute.standard {
            #expect(CSVColumn(name: attribute.name.uppercased()) == .person(attribute))
        }
        #expect(CSVColumn(name: "ssh_public_key") == .person(.sshPublicKey))
        #expect(CSVColumn(name: "employee_number") == .person(.employeeNumber))
        #expect(CSVColumn(name: "") == nil && CSVColumn(name: "ignored") == nil)
    }

    @Test func aCellHasSeveralValuesWhereASeparatorIsSaid() {
        let text = "username,mail,displayName,jpegPhoto\nzhang,a|b||c,x|y,/9j/4AA=\n"
        let one = read(text).records.first
        #expect(one?.attributes.texts(.mail) == ["a|b||c"] && one?.attributes[.photo] == [[0xFF, 0xD8, 0xFF, 0xE0, 0]])
        let several = read(text, CSVOptions(valueSeparator: "|")).records.first
        #expect(several?.attributes.texts(.mail) == ["a", "b", "c"])
        // An attribute of one value is not taken apart.
        #expect(several?.attributes.texts(.displayName) == ["x|y"])
    }

    @Test func columnsMayBeMappedAndPassedOver() {
        let options = CSVOptions(columns: ["E-Mail": .person(.mail), "login": .field(.username), "note": .ignored])
        let file = read("login,E-Mail,mail,note\nzhang,a,b,c\n", options)
        #expect(file.faults.isEmpty && file.skipped.isEmpty && file.usernames == ["zhang"])
        #expect(file.records.first?.attributes.texts(.mail) == ["a", "b"])
        #expect(
            read("username\nzhang\n", options).faultTexts == [
                "1: no column 'E-Mail', which --map or --ignore-column names",
                "1: no column 'login', which --map or --ignore-column names",
                "1: no column 'note', which --map or --ignore-column names",
            ])
    }

    @Test func whatIsNotReadIsCounted() {
        let file = read("username,shoe size,$6$abc\nanna,9,x\nzoe,,y\n")
        let rest =
            "; --map COLUMN=ATTRIBUTE or roster attribute declare keeps them, --ignore-column COLUMN passes over them"
        #expect(file.faults.isEmpty && file.usernames == ["anna", "zoe"])
        #expect(
            file.skippedTexts == [
                "1: column 'shoe size': not kept; values in the file: 1" + rest,
                "1: column number 3: not kept; values in the file: 2" + rest,
            ])
    }

    @Test func aLargeFileIsCountedInItsParts() {
        let rows = (1...100_000).map { "user\($0),hpc-qig9xu97,\($0),x\n" }.joined()
        let file = read("username,cluster_id,uid_number,shoe\n" + rows)
        #expect(file.records.count == 100_000)
        #expect(file.skipped.first?.message.contains("values in the file: 100000;") == true)
    }
}
