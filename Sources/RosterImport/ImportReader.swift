package import RosterModel
import RosterStore

/// Reads the content of a file in any format.
package enum ImportReader {
    /// Reads `bytes`. It never throws: faults are in the result, each with its line, in line order, up to 1000
    /// (`DiagnosticList.maximum`). If there are more, a last fault says that reading stopped.
    ///
    /// Faults and other diagnostics never quote a password, nor text that may be one.
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - minimumUID: in passwd, users with a smaller uid are skipped. The other formats accept every uid.
    ///   - companions: group and shadow files that belong to passwd lines.
    ///   - csv: settings for the columns of CSV.
    ///   - catalog: the attributes that users can have; a file may declare more.
    ///   - progress: called with the number of bytes read so far, about every MiB, and with `bytes.count` at the end.
    package static func read(
        _ bytes: [UInt8], format: ImportFormat, minimumUID: UInt32 = 1000, companions: [PasswdCompanion] = [],
        csv: CSVOptions = CSVOptions(), catalog: AttributeCatalog = .standard,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> ImportFile {
        defer { progress(bytes.count) }
        if let file = unreadable(bytes) { return file }
        switch format {
        case .csv:
            var reader = CSVReader(bytes, options: csv, catalog: catalog)
            return reader.read(progress: progress)
        case .ldif:
            var reader = LDIFReader(bytes, catalog: catalog)
            return reader.read(progress: progress)
        case .passwd:
            var reader = PasswdReader(bytes, minimumUID: minimumUID)
            var file = reader.read(progress: progress)
            for companion in companions { companion.read(into: &file, minimumGID: minimumUID) }
            return file
        }
    }

    /// Reads only the map entries of an LDIF file, like `read`. Users, groups and clusters are skipped.
    package static func readMaps(
        _ bytes: [UInt8], progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> ImportFile {
        defer { progress(bytes.count) }
        if let file = unreadable(bytes) { return file }
        var reader = LDIFReader(bytes, hasOnlyMaps: true)
        return reader.read(progress: progress)
    }

    /// The result for a file that cannot be read as a whole; nil for any other.
    private static func unreadable(_ bytes: [UInt8]) -> ImportFile? {
        faultOfWhole(bytes).map { fault in
            var file = ImportFile()
            file.faults = [ImportDiagnostic(line: 0, fault)]
            return file
        }
    }

    /// Why the file cannot be read in any format: it is empty, or is UTF-16, which would otherwise cause faults in
    /// every line.
    private static func faultOfWhole(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return "the file is UTF-16 text; save it as UTF-8"
        }
        let text = bytes.dropFirst(TextLines.byteOrderMarkLength(of: bytes))
        return text.allSatisfy(\.isBlank) ? "the file is empty" : nil
    }
}

extension UInt8 {
    /// Whether the byte is a space, a tab or part of a line end.
    fileprivate var isBlank: Bool {
        switch self {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }
}
