import Testing

@testable import RosterCLI

@Suite struct TableTests {
    @Test func aCellSteersNoTerminal() {
        var table = Table(["name", "gecos"])
        table.add(["a\u{1B}[2J", "x\u{202E}y\nz"])
        #expect(table.text.contains("a?[2J"))
        #expect(table.text.contains("x?y?z"))
        #expect(!table.text.contains("\u{1B}") && !table.text.contains("\u{202E}"))
    }

    @Test func columnsAreAligned() {
        var table = Table(["a", "bb"])
        table.add(["long name", "x"])
        let lines = table.text.split(separator: "\n").map { Array($0) }
        #expect(lines.count == 2)
        #expect(lines[0].firstIndex(of: "b") == lines[1].firstIndex(of: "x"))
    }

    /// The cells of a terminal that stand before `word` in each line: that many columns precede it.
    @Test(arguments: [("張三", 4), ("김철수", 6), ("ﾊﾅｺ", 3), ("e\u{301}", 1), ("Ａ", 2), ("😀", 2), ("", 0), ("é", 1)])
    func aCellTakesAsManyColumnsAsATerminalGivesIt(cell: String, width: Int) {
        var table = Table(["a", "b"])
        table.add([cell, "x"])
        table.add(["12345678", "y"])
        let line = table.text.split(separator: "\n", omittingEmptySubsequences: false)[1]
        #expect(line == cell + String(repeating: " ", count: 8 - width + 2) + "x")
    }

    @Test func anEmptyTableIsItsHeader() {
        #expect(Table(["name", "uid"]).text == "name  uid\n")
    }

    @Test func theLastColumnIsNotPadded() {
        var table = Table(["a", "b"])
        table.add(["1", ""])
        #expect(table.text == "a  b\n1  \n")
    }

    @Test(arguments: ["\t", "\r\n", "\u{85}", "\u{2028}", "\u{9B}31m", "\u{200F}", "\u{0}"])
    func aCellIsOneLineWithoutControls(hostile: String) {
        var table = Table(["a", "b"])
        table.add(["x\(hostile)y", "z"])
        #expect(table.text.unicodeScalars.filter { $0 == "\n" }.count == 2)
        #expect(table.text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) })
        #expect(!table.text.contains(hostile))
    }
}
