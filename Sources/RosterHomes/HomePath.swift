import RosterModel

/// A folder below which homes may be made: a share, or a folder that has several shares in it.
struct HomeRoot: Sendable {
    /// The path, as the administrator gave it.
    let path: String
    fileprivate let components: [EntryName]

    /// - Throws: `HomeError` unless `path` is absolute, has no empty, `.` or `..` components and no NUL, and is not `/`.
    init(_ path: String) throws(HomeError) {
        do {
            components = try HomePath.components(of: path)
        } catch {
            throw .refusal("'\(path)' \(error.reason)")
        }
        self.path = path
    }
}

/// The path from a root to a home, checked before anything is opened.
struct HomePath {
    /// The root that the mount is, or is below.
    let root: HomeRoot
    /// The folders from below the root to the mount, with it; empty if the mount is the root.
    let mountFolders: [EntryName]
    /// The mount, as the caller gave it.
    let mount: String
    /// The folders between the mount and the home.
    let folders: [EntryName]
    let name: EntryName

    /// - Parameter roots: the folders below which homes may be made.
    /// - Throws: `HomeError` if a path is not absolute, has empty, `.` or `..` components or a NUL, if the home is not
    ///   below the mount, or if the mount is neither a root nor below one.
    init(_ home: Home, below roots: [HomeRoot]) throws(HomeError) {
        let mount = try Self.components(home.mount, what: "mount", home: home)
        var rest = try Self.components(home.path, what: "home", home: home)[...]
        guard let root = roots.first(where: { mount.starts(with: $0.components) }) else {
            throw Self.refusal(
                home,
                "the mount \(home.mount) is not below \(roots.map(\.path).joined(separator: " or ")) (--home-root)")
        }
        self.root = root
        self.mountFolders = Array(mount.dropFirst(root.components.count))
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

    private static func components(_ path: String, what: String, home: Home) throws(HomeError) -> [EntryName] {
        do {
            return try components(of: path)
        } catch {
            throw refusal(home, "the \(what) '\(path)' \(error.reason)")
        }
    }

    /// Why a path is not plain.
    fileprivate struct PathError: Error {
        let reason: String
    }

    fileprivate static func components(of path: String) throws(PathError) -> [EntryName] {
        // By bytes again: a combining mark after a slash hides the slash from a search by characters.
        let bytes = Array(path.utf8)
        guard bytes.first == UInt8(ascii: "/") else { throw PathError(reason: "is not an absolute path") }
        var names: [EntryName] = []
        for part in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let name = EntryName(part) else {
                throw PathError(reason: "has an empty component, '.', '..' or a NUL in it")
            }
            names.append(name)
        }
        return names
    }

    private static func refusal(_ home: Home, _ why: String) -> HomeError {
        .refusal("the home \(home.path) is refused: \(why)")
    }
}
