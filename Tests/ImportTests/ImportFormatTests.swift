import RosterImport
import Testing

@Suite struct ImportFormatTests {
    @Test(arguments: [
        ("users.csv", ImportFormat.csv), ("a.b/USERS.CSV", .csv), ("dump.ldif", .ldif), ("dump.LDF", .ldif),
        ("site.passwd", .passwd), ("/etc/passwd", .passwd), ("passwd", .passwd), (".csv", .csv),
        ("users", nil), ("-", nil), ("", nil), ("users.csv.gz", nil), ("site.csv/users", nil), ("csv", nil),
    ])
    func followsFromTheNameOfTheFile(name: String, format: ImportFormat?) {
        #expect(ImportFormat(fileName: name) == format)
    }
}
