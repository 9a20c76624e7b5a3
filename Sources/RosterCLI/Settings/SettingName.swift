import RosterModel

/// The names of settings as in files; environment variables have them in capitals, after `ROSTER_`.
enum SettingName {
    /// Every setting of the server and of the client.
    static let all = Set(Setting.all.map(\.name))

    /// The error for a name that is not a setting, with a suggestion.
    static func unknown(_ name: String) -> String { unknown(name, nearest: nearest(to: name)) }

    /// A line for each environment variable that begins with `ROSTER_` and is not a setting, sorted by name.
    static func diagnostics(of environment: [String: String]) -> [String] {
        environment.keys.filter { $0.hasPrefix(Setting.environmentPrefix) }.sorted().compactMap { variable in
            let name = String(variable.dropFirst(Setting.environmentPrefix.count))
            let isRead = all.contains { $0.uppercased() == name }
            let nearest = nearest(to: name).map { Setting.environmentPrefix + $0.uppercased() }
            return isRead ? nil : "the environment: \(unknown(variable, nearest: nearest))"
        }
    }

    /// Shows the name only if it looks like one: anything else may be a misplaced secret.
    private static func unknown(_ name: String, nearest: String?) -> String {
        let isNameLike =
            name.utf8.count <= 40 && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == 0x5F || $0 == 0x2D }
        let fault = isNameLike ? "there is no setting \(name)" : "there is no such setting"
        return fault + (nearest.map { "; is \($0) meant?" } ?? "")
    }

    /// The setting whose name differs from `name` by at most two letters.
    private static func nearest(to name: String) -> String? {
        let found = all.sorted().map { (name: $0, distance: distance($0, name.lowercased())) }
        return found.min { $0.distance < $1.distance }.flatMap { $0.distance <= 2 ? $0.name : nil }
    }

    /// The Levenshtein distance: the number of letters to insert, remove or replace.
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
