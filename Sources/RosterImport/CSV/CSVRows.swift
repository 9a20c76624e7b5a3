import RosterModel

/// Splits a CSV file into rows and cells (RFC 4180 section 2), over LF or CRLF.
///
/// Nothing is repaired: a quote out of place is a fault of its row, and reading goes on with the next line.
struct CSVRows {
    private(set) var lines: TextLines
    private(set) var row = Row()
    /// What stands between cells: a comma, or what a spreadsheet writes in its place.
    let separator: UInt8
    private var scratch: [UInt8] = []

    /// The row that was read last.
    struct Row {
        /// The line where it starts.
        var line = 0
        var cells: [Cell] = []
        /// Whether there is nothing in it but ASCII without NUL.
        var isPlain = true
        /// Whether it is one line of nothing or spaces.
        var isBlank = false
        var fault: Fault?
    }

    /// Where a cell's text is: in the file, or, where quotes in it were doubled or it runs over lines, in the scratch
    /// bytes.
    struct Cell {
        /// The line where it starts.
        var line: Int
        var range: Range<Int>
        var isInScratch = false
    }

    /// What keeps the row from being read.
    struct Fault {
        var line: Int
        /// From 0; nil is the row as a whole.
        var cell: Int?
        var message: String
    }

    init(_ lines: TextLines, separator: UInt8 = UInt8(ascii: ",")) {
        self.lines = lines
        self.separator = separator
    }

    /// Rows from the start of a file. The first line says what separates cells: `sep=X`, as spreadsheets write it, or the comma,
    /// the semicolon or the tab that stands in the header.
    init(detectingSeparatorIn file: TextLines) {
        var lines = file
        guard let header = lines.next() else {
            self.init(file)
            return
        }
        let bytes = lines.bytes[header.range]
        if bytes.count == 5, bytes.starts(with: "sep=".utf8), let separator = bytes.last {
            self.init(lines, separator: separator)
            return
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        self.init(file, separator: candidates.first(where: bytes.contains) ?? candidates[0])
    }

    /// Whether the row has cells and all of them are empty, as spreadsheets leave them below a table.
    var isEmpty: Bool { row.fault == nil && row.cells.count > 1 && row.cells.allSatisfy(\.range.isEmpty) }

    /// The bytes of a cell of the row that was read last.
    func bytes(of cell: Cell) -> ArraySlice<UInt8> {
        cell.isInScratch ? scratch[cell.range] : lines.bytes[cell.range]
    }

    /// Reads the next row into `row`; false at the end of the file.
    mutating func next() -> Bool {
        guard var line = lines.next() else { return false }
        row.line = line.number
        row.cells.removeAll(keepingCapacity: true)
        row.isPlain = line.isASCII && !line.hasNUL
        row.fault = nil
        scratch.removeAll(keepingCapacity: true)
        row.isBlank = lines.bytes[line.range].allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard !row.isBlank else { return true }
        guard !line.isTooLong else {
            fail(line.number, cell: nil, TextError.tooLong)
            return true
        }

        var offset = line.range.lowerBound
        while true {
            let isQuoted = offset < line.range.upperBound && lines.bytes[offset] == UInt8(ascii: "\"")
            let end = isQuoted ? quotedCell(at: offset, in: &line) : bareCell(at: offset, in: line)
            guard let end else { return true }
            guard end < line.range.upperBound else { return true }
            offset = end + 1
        }
    }

    /// Reads a cell without quotes up to a separator or the end of the line; nil where it has a fault.
    private mutating func bareCell(at start: Int, in line: TextLine) -> Int? {
        var end = start
        while end < line.range.upperBound {
            let byte = lines.bytes[end]
            if byte == separator { break }
            if byte == UInt8(ascii: "\"") {
                return fail(line.number, cell: row.cells.count, "a quote inside a cell that does not start with one")
            }
            if byte == UInt8(ascii: "\r") {
                return fail(line.number, cell: row.cells.count, "a carriage return without a line feed")
            }
            end += 1
        }
        row.cells.append(Cell(line: line.number, range: start..<end))
        return end
    }

    /// Reads a cell in quotes, over as many lines as it has, up to the separator or the end of the line after it; nil
    /// where it has a fault. `line` is then the line where the cell ends.
    private mutating func quotedCell(at start: Int, in line: inout TextLine) -> Int? {
        let opened = line.number
        let afterFirstLine = lines.position
        let scratchStart = scratch.count
        var isInScratch = false
        var from = start + 1
        while true {
            let upper = line.range.upperBound
            guard let quote = lines.bytes[from..<upper].firstIndex(of: UInt8(ascii: "\"")) else {
                // The line's end belongs to the cell as it stands in the file.
                scratch += lines.bytes[from..<lines.position.offset]
                isInScratch = true
                let isTooLong = scratch.count > TextLines.maximumBytes
                guard !isTooLong, let next = lines.next() else {
                    // One forgotten quote must not hide the faults of all rows after it.
                    lines.rewind(to: afterFirstLine)
                    let limit = isTooLong ? "not closed within 1 MiB" : "never closed"
                    return fail(opened, cell: row.cells.count, "the quote that opens here is \(limit)")
                }
                line = next
                row.isPlain = row.isPlain && line.isASCII && !line.hasNUL
                from = line.range.lowerBound
                continue
            }
            if quote + 1 < upper, lines.bytes[quote + 1] == UInt8(ascii: "\"") {
                scratch += lines.bytes[from...quote]
                isInScratch = true
                from = quote + 2
                continue
            }
            guard quote + 1 == upper || lines.bytes[quote + 1] == separator else {
                let place = opened == line.number ? "" : " of the quote that opens in line \(opened)"
                return fail(line.number, cell: row.cells.count, "text after the closing quote\(place)")
            }
            if isInScratch {
                scratch += lines.bytes[from..<quote]
                row.cells.append(Cell(line: opened, range: scratchStart..<scratch.count, isInScratch: true))
            } else {
                row.cells.append(Cell(line: opened, range: from..<quote))
            }
            return quote + 1
        }
    }

    @discardableResult
    private mutating func fail(_ line: Int, cell: Int?, _ message: String) -> Int? {
        row.fault = Fault(line: line, cell: cell, message: message)
        return nil
    }
}
