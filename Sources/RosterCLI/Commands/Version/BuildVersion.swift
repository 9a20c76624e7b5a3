import CBuild

/// Which roster this is. A packaged program knows its commit; `swift build` alone does not tell it.
struct BuildVersion: Encodable {
    /// The version of the program, changed here alone: packages and pages take it from the program.
    let version = "0.1.0"
    let commit = Self.known(cbuild_commit())
    let date = Self.known(cbuild_date())
    let swift = Self.known(cbuild_swift())

    static let unknown = "unknown"

    /// One line, for a person.
    var line: String {
        commit == Self.unknown ? "\(version) (a development build)" : "\(version) (commit \(commit) of \(date))"
    }

    private static func known(_ text: UnsafePointer<CChar>) -> String {
        let text = String(cString: text)
        return text.isEmpty ? unknown : text
    }
}
