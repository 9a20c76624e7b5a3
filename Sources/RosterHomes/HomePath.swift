import RosterModel

/// The path from the mount to a home, checked before anything is opened.
struct HomePath {
    /// The mount, as the caller gave it.
    let mount: String
    /// The folders between the mount and the home.
    let folders: [EntryName]
    let name: EntryName

    /// - Throws: `HomeError` if a path is not absolute, has empty, `.` or `..` components or a NUL, or if the home is
    ///   not below the mount.
    init(_ home: Home) throws(HomeError) {
        let mount = try Self.components(home.mount, "mount", home)
        var rest = try Self.components(home.path, "home", home)[...]
        // Compared by bytes: Swift considers canonically equivalent texts equal, but to the file system they are
        // different names.
        guard rest.starts(with: mount) else { throw Self.refusal(home, "it is not below the mount \(home.mount)") }
        rest = rest.dropFirst(mount.count)
        guard let name = rest.popLast() else { throw Self.refusal(home, "it is the mount itself") }
        guard !rest.contains(where: Staging.isReserved), !Staging.isReserved(name) else {
            throw Self.refusal(home, "names that begin with \(Staging.prefix) are Roster's own")
        }
        self.mount = home.mount
        self.folders = Array(rest)
        self.name = name
    }

    private static func components(_ path: String, _ what: String, _ home: Home) throws(HomeError) -> [EntryName] {
        // By bytes again: a combining mark after a slash hides the slash from a search by characters.
        let bytes = Array(path.utf8)
        guard bytes.first == UInt8(ascii: "/") else {
            throw refusal(home, "the \(what) '\(path)' is not an absolute path")
        }
        var names: [EntryName] = []
        for part in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let name = EntryName(part) else {
                throw refusal(home, "the \(what) '\(path)' has an empty component, '.', '..' or a NUL in it")
            }
            names.append(name)
        }
        return names
    }

    private static func refusal(_ home: Home, _ why: String) -> HomeError {
        .refusal("the home \(home.path) is refused: \(why)")
    }
}
