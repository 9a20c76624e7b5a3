import RosterImport
import RosterModel
import RosterSnapshot
import Testing

/// A large file is read in parts by several cores; what comes of it is what one would have read.
@Suite struct CSVPartsTests {
    private static let plain = "username,cluster_id,uid_number\n"
    /// The quotes say nothing, and keep the file in one part.
    private static let quoted = "\"username\",cluster_id,uid_number\n"

    /// Some 2.5 MB.
    private static let rows: [String] = (1...100_000).map { "user\($0),hpc-qig9xu97,\($0)" }

    /// Ways to spoil a file, each in a row of the first part, the middle and the last part.
    private static let spoilt = ["", "only-one-field", "a\rb,,", ",,,,", "  ", "\u{0},,", "李,hpc-a,1"]

    private static func text(_ rows: [String], end: String = "\n") -> String { rows.joined(separator: end) + end }

    private func expectSame(_ body: String, at location: SourceLocation = #_sourceLocation) {
        let (parts, whole) = (read(Self.plain + body, as: .csv), read(Self.quoted + body, as: .csv))
        #expect(parts.records.count == whole.records.count, sourceLocation: location)
        #expect(parts.records == whole.records, sourceLocation: location)
        #expect(parts.faultTexts == whole.faultTexts, sourceLocation: location)
    }

    @Test func readsEveryRowWithItsLine() {
        let file = read(Self.plain + Self.text(Self.rows), as: .csv)
        #expect(file.faults.isEmpty)
        #expect(file.records.count == Self.rows.count)
        for (index, record) in file.records.enumerated() {
            guard record.line == index + 2, record.uidNumber == "\(index + 1)" else {
                Issue.record("record \(index) is \(record)")
                break
            }
        }
    }

    @Test(arguments: ["\n", "\r\n"])
    func endsMayBeOfAnyKind(end: String) {
        expectSame(Self.text(Self.rows, end: end))
        expectSame(String(Self.text(Self.rows, end: end).dropLast()))
        expectSame(Self.text(Self.rows, end: end) + "\n\n \n")
        expectSame(Self.text(Self.rows, end: end) + String(repeating: end, count: 2_000_000))
    }

    @Test(arguments: spoilt, [1, 50_000, 99_998])
    func whatIsWrongIsToldAsInOnePart(line: String, place: Int) {
        var rows = Self.rows
        rows[place] = line
        expectSame(Self.text(rows))
    }

    /// A byte order mark begins a file; anywhere else it is a character of a name, where a part begins too.
    @Test func aByteOrderMarkInTheMiddleIsTextInEveryPart() {
        expectSame(Self.text(Self.rows.map { "\u{FEFF}" + $0 }))
    }

    @Test func manyFaultsAreToldUpToTheLimit() {
        expectSame(Self.text(Self.rows.enumerated().map { $0 % 50 == 0 ? "x" : $1 }))
    }
}
