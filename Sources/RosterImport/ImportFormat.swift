import RosterModel

/// The file formats that an import reads.
package enum ImportFormat: String, Sendable, CaseIterable {
    /// RFC 4180; the header names the columns (`CSVColumn`).
    case csv
    /// RFC 2849 content records, as slapcat and ldapsearch print them.
    case ldif
    /// passwd(5) lines, as `getent passwd` prints them.
    case passwd

    /// Guesses the format from the extension of `fileName` (`.csv`, `.ldif`, `.ldf`, `.passwd`, in any case); a file
    /// named `passwd` is passwd too. Nil for any other name; directories are ignored.
    package init?(fileName: some StringProtocol) {
        let name = fileName.split(separator: "/", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
        if name == "passwd" {
            self = .passwd
            return
        }
        guard let dot = name.lastIndex(of: ".") else { return nil }
        switch name[name.index(after: dot)...] {
        case "csv": self = .csv
        case "ldif", "ldf": self = .ldif
        case "passwd": self = .passwd
        default: return nil
        }
    }
}
