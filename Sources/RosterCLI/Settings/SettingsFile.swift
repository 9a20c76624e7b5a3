/// A settings file: a flat YAML map. The YAML reader reports no lines, so this check finds in the text what the reader
/// would ignore.
enum SettingsFile {
    /// Whether a text has blank lines and comments only, as the file of the package has at first.
    static func isEmpty(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).allSatisfy { line in
            let content = line.drop(while: \.isWhitespace)
            return content.isEmpty || content.first == "#"
        }
    }

    /// - Parameters:
    ///   - text: a YAML map, as far as the YAML reader can tell.
    ///   - path: named in errors.
    /// - Throws: `CommandError` with the line of a setting that does not exist or has more than one value. The message
    ///   shows no value, which may be a secret.
    static func check(_ text: String, path: String) throws(CommandError) {
        var last: Substring?
        /// The indentation of all settings, taken from the first one.
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
            guard SettingName.all.contains(String(name)) else { throw fault(SettingName.unknown(String(name))) }
            let value = content[content.index(after: colon)...].drop { $0 == " " }
            if value.first == "[" || value.first == "{" {
                throw fault("\(name) takes one value; separate several by commas")
            }
            last = Substring(name)
        }
    }
}
