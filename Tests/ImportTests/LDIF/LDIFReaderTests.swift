import RosterImport
import RosterModel
import RosterStore
import Testing

/// The format: lines, values, entries. What an entry means is in `LDIFUserTests`.
@Suite struct LDIFReaderTests {
    static let anna = lines(
        "dn: cn=anna,ou=People,dc=ehpccloud,dc=com", "objectClass: posixAccount", "uid: anna", "uidNumber: 2000",
        "gidNumber: 2001")

    @Test func foldsContinuationLines() {
        let file = read(
            lines(
                "dn: cn=an", " na,ou=Peo", " ple,dc=x", "object", " Class: posixAcc", " ount", "uid:", "  anna",
                "gecos: A", "  b", " ", " c"), as: .ldif)
        #expect(file.usernames == ["anna"])
        #expect(file.records.first?.gecos == "A bc")
        #expect(file.faults.isEmpty)
    }

    @Test func boundsWhatItReadsAndNothingElse() {
        let long = String(repeating: String(repeating: "x", count: 1000) + "\n ", count: 1100)
        let file = read(Self.anna + "jpegPhoto: \(long)\ngecos: \(long)\n", as: .ldif)
        #expect(file.faultTexts == ["1107: gecos: longer than 1 MiB"])
        #expect(file.skippedTexts == ["6: jpegPhoto: longer than 1 MiB: left out"])
    }

    @Test func foldsInsideACharacter() {
        let bytes = Array((Self.anna + "gecos: ").utf8) + [0xC3] + Array("\n ".utf8) + [0xA9, 0x0A]
        #expect(ImportReader.read(bytes, format: .ldif).records.first?.gecos == "é")
    }

    @Test func passesOverComments() {
        let bytes =
            Array("# Latin-1: ".utf8) + [0xE9] + Array("\n folded: on\n".utf8) + Array(Self.anna.utf8)
            + Array("# in the entry\n  and on\ngecos: A\n".utf8)
        let file = ImportReader.read(bytes, format: .ldif)
        #expect(file.records.map(\.gecos) == ["A"])
        #expect(file.faults.isEmpty)
    }

    @Test func takesCRLFAndManyBlankLinesAndNoneAtTheEnd() {
        let two = "version: 1\n\n\n" + Self.anna + "\n\n\n" + Self.anna.replacing("anna", with: "berta").dropLast()
        let file = read(two.replacing("\n", with: "\r\n"), as: .ldif)
        #expect(file.usernames == ["anna", "berta"])
        #expect(file.records.map(\.line) == [4, 12])
        #expect(file.faults.isEmpty)
    }

    @Test func decodesBase64() {
        let file = read(
            lines(
                "dn:: " + "cn=李,ou=People,dc=x".base64, "objectClass:: " + "posixAccount".base64, "uid::" + "李".base64,
                "jpegPhoto:: /9j/4AAQ", "gecos:: "), as: .ldif)
        #expect(file.usernames == ["李"])
        #expect(file.records.first?.gecos == nil)
        #expect(file.faults.isEmpty)
    }

    private static let namesTheLineOfAFaultCases: [(String, String)] = [
        ("uid:: YW5uY", "uid: the base64 is cut short or invalid"),
        ("uid:: YW5uYQ=", "uid: the base64 is cut short or invalid"),
        ("uid:: YW5u*Q==", "uid: the base64 is cut short or invalid"),
        ("jpegPhoto:: YW5uY", "jpegPhoto: the base64 is cut short or invalid"),
        ("userPassword:: c2VjcmV", "userPassword: the base64 is cut short or invalid"),
        (
            "userPassword:< file:///etc/shadow",
            "userPassword: a value by URL (':<') is not read, put the value itself into the file"
        ),
        ("secretword", "no colon: not of the form 'attribute: value'"),
        (": value", "no attribute's name before the colon"),
        ("a b: value", "no attribute's name before the colon"),
        ("gecos: a\0b", "holds a NUL character"),
        ("gecos:: AGE=", "gecos: holds a NUL character"),
        ("gecos:: /w==", "gecos: not valid UTF-8"),
        ("uidNumber: 3000", "uidNumber: a second, different value"),
        ("changetype: modify", "changetype: only 'add' is read"),
        ("changetype: secret", "changetype: only 'add' is read"),
        ("dn: cn=berta,dc=x", "a second 'dn:' in one entry: a blank line is missing before it"),
        ("createTimestamp: yesterday", "createTimestamp: not a generalized time such as 20210817091240Z"),
        ("modifyTimestamp: 20211317091240Z", "modifyTimestamp: not a generalized time such as 20210817091240Z"),
    ]

    @Test(arguments: namesTheLineOfAFaultCases)
    func namesTheLineOfAFault(line: String, fault: String) {
        let file = read(Self.anna + line + "\n\n" + Self.anna.replacing("anna", with: "berta"), as: .ldif)
        #expect(file.faultTexts == ["6: " + fault])
        #expect(file.usernames == ["berta"])
    }

    private static let checksTheWholeCases: [(String, String?)] = [
        ("uid: anna\n", "1: an entry must start with 'dn:'"),
        (" dn: cn=anna\n", "1: a continuation line without a line that it continues"),
        ("version: 2\n", "1: version: only version 1 of LDIF is read"),
        ("dn: dc=x\ndc: x\n", "0: no entry of class posixAccount in the file"),
        ("version: 1\n", "0: no entry of class posixAccount in the file"),
        ("dn:: Y249\nobjectClass: posixAccount\n\n" + anna, nil),
        ("dn: anna\nobjectClass: posixAccount\n", "1: dn: not a distinguished name (RFC 4514)"),
        ("dn: cn=anna,,dc=x\nobjectClass: posixGroup\n", "1: dn: not a distinguished name (RFC 4514)"),
    ]

    @Test(arguments: checksTheWholeCases)
    func checksTheWhole(text: String, fault: String?) {
        #expect(read(text, as: .ldif).faultTexts == (fault.map { [$0] } ?? []))
    }

    @Test func looksForMoreFaultsInADamagedEntry() {
        let file = read(Self.anna + "x\ny\n: z\n\nw: 1\nnot looked at\n", as: .ldif)
        #expect(file.faults.map(\.line) == [6, 7, 8, 10])
        #expect(file.records.isEmpty)
    }

    @Test func takesAddRecordsWithControls() {
        let file = read(
            Self.anna.replacing("objectClass", with: "control: 1.2.3 true\nchangetype: Add\nobjectClass"), as: .ldif)
        #expect(file.usernames == ["anna"])
        #expect(file.faults.isEmpty)
    }

    @Test func passesOverAModificationAfterItsFault() {
        let file = read(
            lines("dn: cn=anna,dc=x", "changetype: modify", "replace: uid", "uid: b", "-", "") + Self.anna, as: .ldif)
        #expect(file.faultTexts == ["2: changetype: only 'add' is read"])
        #expect(file.usernames == ["anna"])
    }

    @Test(arguments: [("0 Success", true), ("4 Size limit exceeded", false)])
    func readsTheEndOfAnLdapsearch(result: String, isComplete: Bool) {
        let file = read(Self.anna + "\n# search result\nsearch: 2\nresult: \(result)\n\n# numEntries: 1\n", as: .ldif)
        #expect(file.faults.isEmpty == isComplete)
        #expect(file.usernames == ["anna"])
    }
}
