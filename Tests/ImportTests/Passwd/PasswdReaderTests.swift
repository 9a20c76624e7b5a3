import RosterImport
import RosterModel
import Testing

@Suite struct PasswdReaderTests {
    static let hash =
        "$6$LzU1YPab0T4E6I/s$WHf5PM.KzXaRV/Z1dym6jcCDVMwiLMGUGIxc59M8fT81uELt4y90G//e5NevQnfEJ2HyEKD.WesFnN1FFhMAf0"

    @Test func readsWhatGetentPrints() {
        let file = read(
            lines(
                "# comment", "root:x:0:0:root:/root:/bin/bash", "", "anna:x:2000:2001:Anna A,,,:/home/anna:/bin/zsh",
                "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin", "berta:\(Self.hash):3000:2001:::"),
            as: .passwd)
        var anna = ImportRecord(line: 4, username: "anna")
        anna.uidNumber = "2000"
        anna.gidNumber = "2001"
        anna.gecos = "Anna A,,,"
        anna.homeDirectory = "/home/anna"
        anna.loginShell = "/bin/zsh"
        var berta = ImportRecord(line: 6, username: "berta")
        berta.uidNumber = "3000"
        berta.gidNumber = "2001"
        berta.loginShell = "/bin/sh"
        berta.password = .hash(PasswordHash(stored: Self.hash))
        #expect(file.records == [anna, berta])
        #expect(file.skippedTexts == ["2: root: uid 0 is below 1000", "5: nobody: uid 65534 is nobody's"])
        #expect(file.faults.isEmpty)
    }

    @Test func skipsBelowTheMinimumThatItIsTold() {
        let bytes = Array("a:x:499:1::/:\nb:x:500:1::/:\n".utf8)
        #expect(ImportReader.read(bytes, format: .passwd, minimumUID: 500).usernames == ["b"])
        #expect(ImportReader.read(bytes, format: .passwd, minimumUID: 0).usernames == ["a", "b"])
    }

    @Test(arguments: ["+::::::", "+", "-@netgroup", "+anna:secret:::::"])
    func skipsLinesOfNIS(line: String) {
        let file = read(line + "\n", as: .passwd)
        #expect(file.skippedTexts == ["1: a line of NIS ('\(line.prefix(1))')"])
        #expect(file.faults.isEmpty && file.records.isEmpty)
    }

    private static let namesTheLineOfAFaultCases: [(String, String)] = [
        ("anna:secret:2000:2001:Anna:/home/anna", "6 fields where passwd(5) has 7, parted by colons"),
        ("anna:secret:2000:2001:A:n:na:/home/anna:/bin/sh", "9 fields where passwd(5) has 7, parted by colons"),
        ("secret", "1 fields where passwd(5) has 7, parted by colons"),
        ("anna:secret::2001:::", "uid: not a number from 0 to 4294967295"),
        ("anna:secret:+2000:2001:::", "uid: not a number from 0 to 4294967295"),
        ("anna:secret:4294967296:2001:::", "uid: not a number from 0 to 4294967295"),
        ("anna:secret:20x:2001:::", "uid: not a number from 0 to 4294967295"),
        ("an\0na:secret:2000:2001:::", "holds a NUL character"),
    ]

    @Test(arguments: namesTheLineOfAFaultCases)
    func namesTheLineOfAFault(line: String, fault: String) {
        let file = read("zoe:x:2000:1::/:\n" + line + "\ncarl:x:2002:1::/:\r\n", as: .passwd)
        #expect(file.faultTexts == ["2: " + fault])
        #expect(file.usernames == ["zoe", "carl"])
    }

    @Test func namesTheFieldOfInvalidUTF8() {
        let file = ImportReader.read(Array("a:x:2000:1:".utf8) + [0xFF] + Array(":/:\n".utf8), format: .passwd)
        #expect(file.faultTexts == ["1: gecos: not valid UTF-8"])
    }

    @Test func leavesTheOtherFieldsToThePlan() {
        let file = read(":x:4294967295:many:::\n", as: .passwd)
        #expect(file.usernames == [""])
        #expect(file.records.map(\.gidNumber) == ["many"])
        #expect(file.faults.isEmpty)
    }

    @Test func refusesAFileWithoutALine() {
        #expect(read("# nothing\n\n", as: .passwd).faultTexts == ["0: no line of passwd(5) in the file"])
    }
}
