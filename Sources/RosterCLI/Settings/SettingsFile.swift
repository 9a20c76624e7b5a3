import RosterModel

/// A file of settings: a flat YAML map. The YAML reader gives no lines, so a look at the text finds what it would ignore.
enum SettingsFile {
    /// Every setting that a file may have, for the server and for the client.
    static let names: Set<String> = [
        "http", "https", "user_set", "log_level", "rate", "trusted_proxies", "homes", "skeleton", "ldap", "ldaps",
        "ldap_base", "ldap_naming", "ldap_clear_passwords", "tls_certificate", "tls_key", "tls_refresh", "store",
        "seal_key", "endpoint", "zone", "access_key_id", "secret_access_key", "qy_access_key_id",
        "qy_secret_access_key",
    ]

    /// - Parameters:
    ///   - text: a YAML map, as far as the YAML reader can tell.
    ///   - path: named in errors.
    /// - Throws: `CommandError` with the line of a setting that does not exist, or that has more than one value. It shows
    ///   no value: that may be a secret.
    static func check(_ text: String, path: String) throws(CommandError) {
        var last: Substring?
        /// How far the settings are indented: as the first of them.
        var indentation: Int?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func fault(_ message: String) -> CommandError {
                CommandError("the configuration file \(path), line \(index + 1): \(message)")
            }
            let line = line.hasPrefix("---") ? line.dropFirst(3).drop { $0 == " " } : line
            let content = line.drop { $0 == " " || $0 == "\t" }
            if content.isEmpty || content.first == "\r" || content.first == "#" { continue }
            guard content.first != "{" else { throw fault("write each setting on a line of its own") }
            let own = line.count - content.count
            if own > indentation ?? own || content.hasPrefix("- ") {
                throw fault("\(last ?? "the file") takes one value; separate several by commas")
            }
            indentation = indentation ?? own
            guard let colon = content.firstIndex(of: ":") else { continue }
            let name = content[..<colon].filter { $0 != "\"" && $0 != "'" && $0 != " " }
            guard names.contains(String(name)) else {
                let isNameLike =
                    name.utf8.count <= 40
                    && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == 0x5F || $0 == 0x2D }
                let shown = isNameLike ? "there is no setting \(name)" : "there is no such setting"
                throw fault(shown + (nearest(to: String(name)).map { "; is \($0) meant?" } ?? ""))
            }
            let value = content[content.index(after: colon)...].drop { $0 == " " }
            if value.first == "[" || value.first == "{" {
                throw fault("\(name) takes one value; separate several by commas")
            }
            last = Substring(name)
        }
    }

    /// The setting whose name differs from `name` by at most two letters.
    private static func nearest(to name: String) -> String? {
        let found = names.sorted().map { (name: $0, distance: distance($0, name.lowercased())) }
        return found.min { $0.distance < $1.distance }.flatMap { $0.distance <= 2 ? $0.name : nil }
    }

    /// The Levenshtein distance: how many letters to insert, remove or replace.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (i, letter) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let replaced = diagonal + (letter == right[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
