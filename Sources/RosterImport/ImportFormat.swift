import RosterModel

/// The forms of file that an import reads.
package enum ImportFormat: String, Sendable, CaseIterable {
    /// RFC 4180; the header holds the API's field names.
    case csv
    /// RFC 2849 content records, as slapcat and ldapsearch print them.
    case ldif
    /// passwd(5) lines, as `getent passwd` prints them.
    case passwd

    /// The format that the extension of `fileName` stands for (`.csv`, `.ldif`, `.ldf`, `.passwd`, in any case), or
    /// passwd for a file that is called so. Nil where the name tells nothing; folders before the name do not count.
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
