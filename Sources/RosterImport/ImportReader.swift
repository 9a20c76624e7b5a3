import RosterModel
import RosterStore

/// Reads the users that a file holds, whatever its format.
package enum ImportReader {
    /// What `bytes` holds. It never throws: whatever is wrong is in the result's faults, each with its line, in the
    /// order of the lines. All faults are found, up to 1000 (`DiagnosticList.maximum`); a last one then says that reading
    /// stopped.
    ///
    /// A fault or remark never quotes a password, nor any text that may be one.
    /// - Parameters:
    /// - bytes: The whole file.
    /// - minimumUID: From passwd, users with a smaller uid are passed over. The other formats take every uid.
    /// - companions: The groups and shadow lines beside passwd lines.
    /// - csv: What is said of the columns of CSV.
    /// - progress: Called with the bytes read so far, about every MiB, and with `bytes.count` at the end.
    package static func read(
        _ bytes: [UInt8], format: ImportFormat, minimumUID: UInt32 = 1000, companions: [PasswdCompanion] = [],
        csv: CSVOptions = CSVOptions(),
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> ImportFile {
        defer { progress(bytes.count) }
        if let file = unreadable(bytes) { return file }
        switch format {
        case .csv:
            var reader = CSVReader(bytes, options: csv)
            return reader.read(progress: progress)
        case .ldif:
            var reader = LDIFReader(bytes)
            return reader.read(progress: progress)
        case .passwd:
            var reader = PasswdReader(bytes, minimumUID: minimumUID)
            var file = reader.read(progress: progress)
            for companion in companions { companion.read(into: &file, minimumGID: minimumUID) }
            return file
        }
    }

    /// The map entries of an LDIF file, as `read` gives them. Users, groups and clusters are passed over.
    package static func readMaps(
        _ bytes: [UInt8], progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> ImportFile {
        defer { progress(bytes.count) }
        if let file = unreadable(bytes) { return file }
        var reader = LDIFReader(bytes, hasOnlyMaps: true)
        return reader.read(progress: progress)
    }

    /// The file with its fault, if it cannot be read as a whole.
    private static func unreadable(_ bytes: [UInt8]) -> ImportFile? {
        faultOfWhole(bytes).map { fault in
            var file = ImportFile()
            file.faults = [ImportDiagnostic(line: 0, fault)]
            return file
        }
    }

    /// What makes the file unreadable in every format: nothing in it, or text in another encoding, which would
    /// otherwise drown the administrator in faults of single lines.
    private static func faultOfWhole(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return "the file is UTF-16 text; save it as UTF-8"
        }
        let text = bytes.dropFirst(TextLines.byteOrderMarkLength(of: bytes))
        return text.allSatisfy(\.isBlank) ? "the file is empty" : nil
    }
}

extension UInt8 {
    /// Whether the byte is a space, a tab or part of a line's end.
    fileprivate var isBlank: Bool {
        switch self {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }
}
