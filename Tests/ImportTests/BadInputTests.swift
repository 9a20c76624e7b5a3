import RosterImport
import RosterModel
import RosterStore
import Synchronization
import Testing

/// What every format does with what is no such file.
@Suite struct BadInputTests {
    /// A line of each format that is a user, with its number in place of `%`.
    static func user(_ format: ImportFormat, _ number: Int) -> String {
        switch format {
        case .csv: "u\(number),\(number)\n"
        case .ldif: "dn: uid=u\(number),dc=x\nobjectClass: posixAccount\nuid: u\(number)\n\n"
        case .passwd: "u\(number):x:\(number):100::/:\n"
        }
    }

    static func head(_ format: ImportFormat) -> String {
        format == .csv ? "username,uid_number\n" : ""
    }

    @Test(arguments: ImportFormat.allCases, ["", "\n", " \r\n\t\n", "\u{FEFF}", "\u{FEFF}\n"])
    func refusesAnEmptyFile(format: ImportFormat, text: String) {
        #expect(read(text, as: format).faultTexts == ["0: the file is empty"])
    }

    @Test(arguments: ImportFormat.allCases)
    func refusesUTF16(format: ImportFormat) {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x75, 0, 0x0A, 0]
        #expect(ImportReader.read(bytes, format: format).faultTexts == ["0: the file is UTF-16 text; save it as UTF-8"])
    }

    @Test(arguments: ImportFormat.allCases)
    func refusesALineOfTenMegabytes(format: ImportFormat) {
        let head = Self.head(format) + Self.user(format, 2000)
        let long = String(repeating: "x", count: 10_000_000) + (format == .ldif ? "\n\n" : "\n")
        let file = read(head + long + Self.user(format, 2001), as: format)
        #expect(file.faultTexts == ["\(head.utf8.count { $0 == 10 } + 1): longer than 1 MiB"])
        #expect(file.usernames == ["u2000", "u2001"])
    }

    @Test(arguments: ImportFormat.allCases)
    func refusesBinary(format: ImportFormat) {
        var generator = SeededGenerator(seed: 7)
        let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let file = ImportReader.read(bytes, format: format)
        #expect(!file.faults.isEmpty)
        #expect(file.records.isEmpty)
    }

    @Test(arguments: ImportFormat.allCases)
    func refusesInvalidUTF8(format: ImportFormat) {
        let head = Self.head(format) + Self.user(format, 2000)
        let bad: [UInt8] =
            switch format {
            case .csv: [0xE9] + Array(",1\n".utf8)
            case .ldif: Array("dn: cn=".utf8) + [0xE9] + Array("\n\n".utf8)
            case .passwd: [0xE9] + Array(":x:2001:100::/:\n".utf8)
            }
        let file = ImportReader.read(Array(head.utf8) + bad + Array(Self.user(format, 2002).utf8), format: format)
        #expect(file.faults.map(\.line) == [head.utf8.count { $0 == 10 } + 1])
        #expect(file.faults.first?.message.hasSuffix("not valid UTF-8") == true)
        #expect(file.usernames == ["u2000", "u2002"])
    }

    @Test(arguments: [ImportFormat.csv: "x\n", .ldif: "x\n\n", .passwd: "x\n"])
    func stopsAfterAThousandFaults(format: ImportFormat, bad: String) {
        let thousand = Self.head(format) + String(repeating: bad, count: 1000)
        #expect(read(thousand, as: format).faults.count == 1000)
        let file = read(thousand + bad + Self.user(format, 2000), as: format)
        #expect(file.faults.count == 1001)
        #expect(file.faults.last?.message == "more than 1000 faults: the file was not read further")
        #expect(file.records.isEmpty)
    }

    @Test(arguments: ImportFormat.allCases)
    func tellsHowFarItIs(format: ImportFormat) {
        let bytes = Array((Self.head(format) + (2000..<102_000).map { Self.user(format, $0) }.joined()).utf8)
        let told = Mutex<[Int]>([])
        let file = ImportReader.read(bytes, format: format) { count in told.withLock { $0.append(count) } }
        let calls = told.withLock(\.self)
        #expect(file.faults.isEmpty)
        #expect(calls == calls.sorted())
        #expect(calls.last == bytes.count)
        #expect(abs(calls.count - bytes.count >> 20) <= 2)
    }

    // Each of these would take minutes where the work grew with the square of the size.
    private static let staysLinearCases: [(ImportFormat, String, String)] = [
        (ImportFormat.csv, "username,role\n", "\"\n"), (.csv, "username,role\n", "\"\"\"\n"),
        (.csv, "username\n", "\"x\n"), (.csv, "username,", "role,"), (.csv, "", "a,"), (.csv, "username\n", "\n"),
        (.csv, "username,role\n", "\"x\"\n\"\",\"\"\"\"\n"), (.ldif, "dn: cn=a\n", " x\n"),
        (.ldif, "dn: ", "cn=a,"),
        (.ldif, "# x\n", " x\n"), (.ldif, "dn: cn=a\nobjectClass: posixAccount\n", "uid: a\n"),
        (.ldif, "dn: cn=a\nobjectClass: posixAccount\n", "cn: b\n"), (.ldif, "dn: a=b", "+a=b"),
        (.ldif, "", "\n "), (.ldif, "dn: cn=a\ngecos::", " \n "), (.passwd, "", ":"), (.passwd, "", ":\n"),
        (.ldif, "dn: cn=a\nobjectClass: posixAccount\n", "userPassword: {CRYPT}$y$j9T$\n"),
    ]

    @Test(.timeLimit(.minutes(5)), arguments: staysLinearCases)
    func staysLinear(format: ImportFormat, head: String, body: String) {
        let text = head + String(repeating: body, count: 1_000_000 / body.utf8.count)
        _ = read(text, as: format)
    }
}
