import RosterModel
import RosterStore

/// Reads users from CSV (RFC 4180). The first line names the columns (`CSVColumn`), in any order; only `username` is
/// required. The values of unknown columns are counted.
///
/// An empty cell means that the file does not have the field. Spaces are significant, as in section 2.4 of the RFC.
/// This does not use SwiftCSV: version 0.10 needs 15 seconds for a million rows, stops at the first misplaced quote,
/// hides others, and gives no line numbers.
struct CSVReader {
    private(set) var rows: CSVRows
    private(set) var file = ImportFile()
    private(set) var faults = DiagnosticList()
    /// The columns that the header names.
    private(set) var columns: [CSVColumn] = []
    let options: CSVOptions
    /// The number of non-empty unread cells of each column.
    private(set) var unreadCells: [Int] = []

    /// The attributes that users can have.
    private let catalog: AttributeCatalog

    init(_ bytes: [UInt8], options: CSVOptions = CSVOptions(), catalog: AttributeCatalog = .standard) {
        self.catalog = catalog
        rows = CSVRows(detectingSeparatorIn: TextLines(bytes))
        self.options = options
    }

    /// Reads rows without a header.
    init(of lines: TextLines, separator: UInt8, columns: [CSVColumn], options: CSVOptions) {
        catalog = .standard
        rows = CSVRows(lines, separator: separator)
        self.columns = columns
        self.options = options
        unreadCells = Array(repeating: 0, count: columns.count)
    }

    /// Reads the users and faults of the file; `progress` is as in `ImportReader.read`.
    mutating func read(progress: @escaping @Sendable (Int) -> Void) -> ImportFile {
        if let names = readHeader() {
            if let (records, unreadCells) = recordsOfParts(progress: progress) {
                file.records = records
                self.unreadCells = unreadCells
            } else {
                readRows(progress: progress)
            }
            file.skipped += unreadColumns(of: names)
        }
        file.faults = faults.sorted
        file.catalog = catalog
        return file
    }

    /// One diagnostic for each column that is not imported.
    private func unreadColumns(of names: [String]) -> [ImportDiagnostic] {
        names.indices.filter { columns[$0] == .unread }.map { index in
            let isShown = Self.isNameLike(names[index])
            return ImportDiagnostic(
                line: 1,
                "column \(isShown ? names[index].quoted : "number \(index + 1)"): not kept; values in the file: \(unreadCells[index]); "
                    + "--map COLUMN=ATTRIBUTE or roster attribute declare keeps them, "
                    + "--ignore-column COLUMN passes over them")
        }
    }

    /// Reads the first line.
    /// - Returns: the names of the columns; nil if the rows cannot be read with this header.
    private mutating func readHeader() -> [String]? {
        guard rows.next() else { return nil }
        let line = rows.row.line
        if let fault = rows.row.fault {
            faults.add(line: fault.line, "the header: \(fault.message)")
            return nil
        }
        let names = rows.row.cells.map { rows.bytes(of: $0).text ?? "" }
        columns = names.map { options.columns[$0] ?? CSVColumn(name: $0, in: catalog) ?? .unread }
        unreadCells = Array(repeating: 0, count: columns.count)
        guard columns.contains(where: { $0 != .unread }) else {
            // The cells are not shown: without a header, they are personal data.
            faults.add(line: line, "no header: the first line must name the columns (username, uid_number, …)")
            return nil
        }
        for name in options.columns.keys.sorted() where !names.contains(name) {
            faults.add(line: line, "no column \(name.quoted), which --map or --ignore-column names")
        }
        var seen: Set<CSVColumn> = []
        for (index, column) in columns.enumerated() where !seen.insert(column).inserted && !column.mayStandTwice {
            faults.add(line: line, "column \(names[index].sanitizedForDisplay()) stands twice")
            columns[index] = .ignored
        }
        if !seen.contains(.field(.username)) {
            faults.add(line: line, "column username is missing")
        }
        return names
    }

    /// Reads rows up to the end, or to the fault that exceeds the limit.
    /// - Returns: the line of the first blank line at the end, if there is any.
    @discardableResult
    mutating func readRows(progress: (Int) -> Void) -> Int? {
        var meter = ProgressMeter()
        var blankLine: Int?
        while !faults.isFull, rows.next() {
            meter.advance(to: rows.lines.position.offset, progress)
            if rows.row.isBlank {
                blankLine = blankLine ?? rows.row.line
                continue
            }
            if let line = blankLine {
                // Blank lines are accepted only at the end of the file; elsewhere data may be missing.
                faults.add(line: line, "a blank line between rows")
                blankLine = nil
            }
            if rows.isEmpty {
                file.skipped.append(ImportDiagnostic(line: rows.row.line, "an empty row: passed over"))
                continue
            }
            if let record = readRow() { file.records.append(record) }
        }
        return blankLine
    }

    /// The user in the current row, or nil if the row has a fault.
    private mutating func readRow() -> ImportRecord? {
        let row = rows.row
        if let fault = row.fault {
            let place = fault.cell.map { "\(name(ofColumn: $0)): " } ?? ""
            faults.add(line: fault.line, place + fault.message)
            return nil
        }
        guard row.cells.count == columns.count else {
            let lack = row.cells.count < columns.count ? ", \(name(ofColumn: row.cells.count)) is missing" : ""
            faults.add(line: row.line, "\(row.cells.count) fields where the header has \(columns.count)\(lack)")
            return nil
        }
        var record = ImportRecord(line: row.line, username: "")
        var isComplete = true
        for (index, cell) in row.cells.enumerated() where !cell.range.isEmpty {
            let bytes = rows.bytes(of: cell)
            if columns[index] == .unread { unreadCells[index] += 1 }
            if row.isPlain {
                columns[index].assign(
                    String(decoding: bytes, as: UTF8.self), to: &record, separator: options.valueSeparator)
            } else if bytes.contains(0) {
                faults.add(line: cell.line, "\(name(ofColumn: index)): \(TextError.nul)")
                isComplete = false
            } else if let text = bytes.text {
                columns[index].assign(text, to: &record, separator: options.valueSeparator)
            } else {
                faults.add(line: cell.line, "\(name(ofColumn: index)): \(TextError.notUTF8)")
                isComplete = false
            }
        }
        return isComplete ? record : nil
    }

    /// The name of the column in fault messages: its name in the API or LDAP, or its number from 1.
    private func name(ofColumn index: Int) -> String {
        guard index < columns.count, let name = columns[index].name else { return "column number \(index + 1)" }
        return "column \(name)"
    }

    /// Whether the text looks like a column name and so may be shown.
    private static func isNameLike(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: " ") }
    }
}
