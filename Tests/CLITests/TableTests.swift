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
}
