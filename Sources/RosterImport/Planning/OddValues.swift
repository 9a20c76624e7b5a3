import RosterModel

/// Values that no rule for new users would allow and that are risky: a name that programs may take for an option or a
/// number, a home or a shell that is not where its path seems to say.
enum OddValues {
    /// What is odd about a name; nil if nothing is. Imported names need not follow the rules for new ones.
    static func remark(onName name: String) -> String? {
        // Nearly all names pass here, and there may be millions.
        if let first = name.utf8.first, first.isASCIILetterOrDigit, !first.isDigit,
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
        {
            return nil
        }
        if let first = name.utf8.first, "-+~.".utf8.contains(first) {
            return "begins with '\(Character(Unicode.Scalar(first)))'"
        }
        if name.utf8.allSatisfy(\.isDigit) { return "is a number" }
        let isOdd = { (byte: UInt8) in byte == UInt8(ascii: " ") || "\"'`\\$&;|<>()[]{}*?!#,=%".utf8.contains(byte) }
        guard let odd = name.utf8.first(where: isOdd) else { return nil }
        return odd == UInt8(ascii: " ") ? "holds a blank" : "holds '\(Character(Unicode.Scalar(odd)))'"
    }

    /// What is odd about a home; nil if nothing is.
    static func remark(onHome home: String) -> String? {
        if let remark = remark(onPath: home) { return remark }
        // No system directory has a longer name.
        guard home.utf8.count(where: { $0 != UInt8(ascii: "/") }) <= 16 else { return nil }
        let place = home.split(separator: "/").joined(separator: "/")
        if place.isEmpty { return "is the root" }
        return systemFolders.contains(place) ? "is a folder of the system" : nil
    }

    /// What is odd about a shell; nil if nothing is.
    static func remark(onShell shell: String) -> String? {
        shell.utf8.contains(UInt8(ascii: " ")) ? "holds a blank" : remark(onPath: shell)
    }

    private static func remark(onPath path: String) -> String? {
        guard path.utf8.first == UInt8(ascii: "/") else { return "does not begin with '/'" }
        guard path.utf8.contains(UInt8(ascii: ".")) else { return nil }
        let names = path.utf8.split(separator: UInt8(ascii: "/"))
        return names.contains { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) } ? "holds '.' or '..'" : nil
    }

    private static let systemFolders: Set<String> = [
        "bin", "boot", "dev", "etc", "home", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "tmp", "usr",
        "usr/bin",
        "usr/sbin", "var", "var/tmp",
    ]

    /// Homes that stand for no home: many users may have them.
    static let sharedHomes: Set<String> = [
        "/", "/dev/null", "/nonexistent", "/nohome", "/var/empty", "/run/empty", "/var/lib/empty",
    ]

    /// Whether a home ends with the username: such homes are not shared.
    static func isNamedAfterUser(home: String, username: String) -> Bool {
        let (home, name) = (home.utf8, username.utf8)
        guard home.count > name.count, home.suffix(name.count).elementsEqual(name) else { return false }
        return home.dropLast(name.count).last == UInt8(ascii: "/")
    }
}
