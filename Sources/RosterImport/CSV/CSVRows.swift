import RosterModel

/// Splits a CSV file into rows and cells (RFC 4180 section 2), with LF or CRLF line ends.
///
/// Nothing is repaired: a misplaced quote is a fault of its row, and reading continues with the next line.
struct CSVRows {
    private(set) var lines: TextLines
    private(set) var row = Row()
    /// What separates cells: a comma, or what a spreadsheet writes instead.
    let separator: UInt8
    private var scratch: [UInt8] = []

    /// The current row.
    struct Row {
        /// The line where it starts.
        var line = 0
        var cells: [Cell] = []
        /// Whether it contains only ASCII without NUL.
        var isPlain = true
        /// Whether it is one line that is empty or only spaces and tabs.
        var isBlank = false
        var fault: Fault?
    }

    /// The location of a cell's text: in the file, or in the scratch bytes if it has doubled quotes or spans several
    /// lines.
    struct Cell {
        /// The line where it starts.
        var line: Int
        var range: Range<Int>
        var isInScratch = false
    }

    /// Why the row cannot be read.
    struct Fault {
        var line: Int
        /// Counts from 0; nil means the row as a whole.
        var cell: Int?
        var message: String
    }

    init(_ lines: TextLines, separator: UInt8 = UInt8(ascii: ",")) {
        self.lines = lines
        self.separator = separator
    }

    /// Starts at the beginning of a file. The first line decides what separates cells: `sep=X`, as spreadsheets write
    /// it, or the comma, the semicolon or the tab in the header.
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

    /// Whether the row has several cells, all empty, as spreadsheets leave them below a table.
    var isEmpty: Bool { row.fault == nil && row.cells.count > 1 && row.cells.allSatisfy(\.range.isEmpty) }

    /// The bytes of a cell of the current row.
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

    /// Reads an unquoted cell up to a separator or the end of the line; nil if it has a fault.
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

    /// Reads a quoted cell, which may span several lines, up to the separator or line end after it; nil if it has a
    /// fault. `line` is then the line in which the cell ends.
    private mutating func quotedCell(at start: Int, in line: inout TextLine) -> Int? {
        let opened = line.number
        let afterFirstLine = lines.position
        let scratchStart = scratch.count
        var isInScratch = false
        var from = start + 1
        while true {
            let upper = line.range.upperBound
            guard let quote = lines.bytes[from..<upper].firstIndex(of: UInt8(ascii: "\"")) else {
                // The line end belongs to the cell, unchanged.
                scratch += lines.bytes[from..<lines.position.offset]
                isInScratch = true
                let isTooLong = scratch.count > TextLines.maximumBytes
                guard !isTooLong, let next = lines.next() else {
                    // A single missing quote must not hide the faults of all following rows.
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
