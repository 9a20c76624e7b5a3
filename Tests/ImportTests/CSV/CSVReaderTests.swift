import RosterImport
import RosterModel
import RosterSnapshot
import Testing

@Suite struct CSVReaderTests {
    @Test func readsEveryColumnInAnyOrder() {
        let file = read(
            lines(
                "username,gecos,login_shell,home_directory,user_id,update_time,uid_number,role,nas_mount_point,mod,"
                    + "hpcuser_id,gid_number,create_time,cluster_id",
                "anna,Anna A,/bin/zsh,/home/anna,usr-vceaHsJu,2021-08-18T09:12:40Z,41522,member,/public/s07,700,"
                    + "hpcuser-8a310ir1,41523,2021-08-17T09:12:40Z,hpc-qig9xu97"), as: .csv)
        var anna = ImportRecord(line: 2, username: "anna")
        anna.cluster = "hpc-qig9xu97"
        anna.hpcUserID = "hpcuser-8a310ir1"
        anna.account = "usr-vceaHsJu"
        anna.uidNumber = "41522"
        anna.gidNumber = "41523"
        anna.role = "member"
        anna.mode = "700"
        anna.nasMountPoint = "/public/s07"
        anna.createTime = "2021-08-17T09:12:40Z"
        anna.updateTime = "2021-08-18T09:12:40Z"
        anna.homeDirectory = "/home/anna"
        anna.loginShell = "/bin/zsh"
        anna.gecos = "Anna A"
        #expect(file.records == [anna])
        #expect(file.faults.isEmpty)
    }

    @Test func takesAnEmptyCellForALack() {
        let file = read(lines("username,mod,role,gecos", "anna,,\"\",x", ",null,null,null"), as: .csv)
        #expect(file.records.map(\.mode) == [nil, nil])
        #expect(file.records.map(\.role) == [nil, "null"])
        #expect(file.usernames == ["anna", ""])
        #expect(file.records[1].gecos == "null")
        #expect(file.faults.isEmpty)
    }

    @Test(arguments: ["\n", "\r\n"])
    func readsQuotesOverLines(end: String) {
        let text = ["username,gecos", "anna,\"An\"\"na", "\"\", A\"", "\"berta\",\"B, B\"", "carl,C"].joined(
            separator: end)
        let file = read(text, as: .csv)
        #expect(file.records.map(\.gecos) == ["An\"na\(end)\", A", "B, B", "C"])
        #expect(file.records.map(\.line) == [2, 4, 5])
        #expect(file.faults.isEmpty)
    }

    @Test func keepsSpaces() {
        #expect(read(lines("username,gecos", " anna , A "), as: .csv).records.map(\.gecos) == [" A "])
    }

    @Test func passesOverByteOrderMarkAndBlankLinesAtTheEnd() {
        let file = read("\u{FEFF}username\r\nanna\r\n\r\n \t\r\n\n", as: .csv)
        #expect(file.usernames == ["anna"])
        #expect(file.faults.isEmpty)
    }

    @Test func takesAHeaderAloneForAnEmptySite() {
        let file = read("username,uid_number\n", as: .csv)
        #expect(file.records.isEmpty)
        #expect(file.faults.isEmpty)
    }

    private static let refusesHeaderCases: [(String, [String])] = [
        ("uid_number,role\n1,member\n", ["1: column username is missing"]),
        ("username,role,username\na,b,c\n", ["1: column username stands twice"]),
        ("username,uid\na,b\n", ["1: column uid stands twice"]),
        ("x,y\n", ["1: no header: the first line must name the columns (username, uid_number, …)"]),
        ("anna,secret\nberta,x\n", ["1: no header: the first line must name the columns (username, uid_number, …)"]),
        ("\nusername\n", ["1: no header: the first line must name the columns (username, uid_number, …)"]),
        ("username,\"ro\n", ["1: the header: the quote that opens here is never closed"]),
    ]

    @Test(arguments: refusesHeaderCases)
    func refusesHeader(text: String, faults: [String]) {
        #expect(read(text, as: .csv).faultTexts == faults)
    }

    private static let namesLineAndColumnCases: [(String, String)] = [
        ("anna", "2: 1 fields where the header has 3, column role is missing"),
        ("anna,member,x,y", "2: 4 fields where the header has 3"),
        ("anna,mem\"ber,x", "2: column role: a quote inside a cell that does not start with one"),
        ("anna,\"member\"x,y", "2: column role: text after the closing quote"),
        ("anna,\"mem\nber\"x,y", "3: column role: text after the closing quote of the quote that opens in line 2"),
        ("anna,mem\rber,x", "2: column role: a carriage return without a line feed"),
        ("anna,member,\"x", "2: column gecos: the quote that opens here is never closed"),
        ("an\0na,member,x", "2: column username: holds a NUL character"),
        ("anna,\"a\nb\",\"\0\"", "3: column gecos: holds a NUL character"),
        ("\nanna,member,x", "2: a blank line between rows"),
    ]

    @Test(arguments: namesLineAndColumnCases)
    func namesLineAndColumn(rows: String, fault: String) {
        let file = read("username,role,gecos\n\(rows)\nzoe,member,z\n", as: .csv)
        #expect(file.faultTexts == [fault])
        #expect(file.usernames.last == "zoe")
    }

    @Test func namesTheColumnOfInvalidUTF8() {
        let file = ImportReader.read(
            Array("username,gecos\nanna,é\nberta,".utf8) + [0xC3, 0x28] + Array("\ncarl,C\n".utf8), format: .csv)
        #expect(file.faultTexts == ["3: column gecos: not valid UTF-8"])
        #expect(file.records.map(\.gecos) == ["é", "C"])
    }

    @Test func findsTheFaultsBehindAForgottenQuote() {
        let file = read(lines("username,role", "\"anna,member", "berta", "carl,member"), as: .csv)
        #expect(
            file.faultTexts == [
                "2: column username: the quote that opens here is never closed",
                "3: 1 fields where the header has 2, column role is missing",
            ])
    }

    @Test func doesNotLookForAClosingQuoteForEver() {
        let row = String(repeating: "x", count: 1000) + ",member\n"
        let file = read(
            "username,role\n\"anna,member\n" + String(repeating: row, count: 2000) + "\"z\",member\n", as: .csv)
        #expect(file.faultTexts == ["2: column username: the quote that opens here is not closed within 1 MiB"])
        #expect(file.records.count == 2001)
    }
}
