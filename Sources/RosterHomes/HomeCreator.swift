import Glibc
package import RosterModel

/// Creates home folders on a mounted file system, as root, below the roots that the administrator named, and follows no
/// symbolic link below a root.
///
/// From the root to the home, each folder is opened relative to the one before it, so that a concurrent rename or
/// replacement cannot lead it elsewhere. A home appears under its name only when it is complete (`Staging`).
package struct HomeCreator: HomeCreating {
    /// Missing folders on the way to a home get this mode, so that everybody can pass through them.
    private static let folderMode: UInt16 = 0o755

    private let roots: [HomeRoot]
    private let skeleton: Skeleton?
    private let renaming: ExclusiveRename

    /// - Parameters:
    ///   - skeleton: the folder whose content a new home starts with; nil for none. It need not exist.
    ///   - roots: the folders below which homes may be made: whoever may name a user's mount cannot lead outside them.
    ///   - renamesExclusively: false avoids RENAME_NOREPLACE, as happens by itself on a file system without it.
    /// - Throws: `HomeError` if a root is not an absolute path without empty, `.` and `..` components, or is `/`.
    package init(skeleton: String? = "/etc/skel", roots: [String], renamesExclusively: Bool = true) throws(HomeError) {
        var checked: [HomeRoot] = []
        for root in roots { checked.append(try HomeRoot(root)) }
        self.roots = checked
        self.skeleton = skeleton.map(Skeleton.init)
        self.renaming = ExclusiveRename(exclusively: renamesExclusively)
    }

    package func make(_ home: Home) throws(HomeError) -> HomeOutcome {
        // To chown, the greatest number means "leave unchanged", which would leave the home to root.
        guard home.uidNumber != .max, home.gidNumber != .max else {
            throw .refusal("the home \(home.path) is refused: \(UInt32.max) is no uid or gid")
        }
        let path = try HomePath(home, below: roots)
        var place = home.mount
        var parent = try openMount(path)
        for name in path.folders {
            place += "/\(name)"
            if let folder = try open(name, in: parent, at: place) {
                parent = folder
            } else {
                _ = try staging(name, at: place, owner: .root, mode: Self.folderMode, skeleton: nil).make(in: parent)
                // Created here or by another process just now; opened as carefully as any folder.
                guard let folder = try open(name, in: parent, at: place) else {
                    throw .refusal("cannot open \(place): somebody removed it at this moment; run it again")
                }
                parent = folder
            }
        }
        let owner = Owner(uid: home.uidNumber, gid: home.gidNumber)
        let staging = staging(path.name, at: home.path, owner: owner, mode: home.mode.bits, skeleton: skeleton)
        if let there = try status(of: path.name, in: parent, at: home.path) {
            try accept(there, for: home)
            staging.removeStale(in: parent)
            return .found
        }
        if try staging.make(in: parent) { return .made }
        guard let there = try status(of: path.name, in: parent, at: home.path) else {
            throw .refusal("cannot make \(home.path): somebody made and removed it at this moment; run it again")
        }
        try accept(there, for: home)
        return .found
    }

    package func mayMake(_ home: Home) -> Bool {
        (try? HomePath(home, below: roots)) != nil
    }

    package func owner(of home: Home) throws(HomeError) -> UInt32? {
        let path = try HomePath(home, below: roots)
        var place = home.mount
        var parent = try openMount(path)
        for name in path.folders {
            place += "/\(name)"
            guard let folder = try open(name, in: parent, at: place) else { return nil }
            parent = folder
        }
        return try status(of: path.name, in: parent, at: home.path)?.owner.uid
    }

    /// Accepts a home that is already there.
    /// - Throws: `HomeError` if it is not a folder or belongs to somebody else; it stays unchanged in either case.
    private func accept(_ there: EntryStatus, for home: Home) throws(HomeError) {
        guard there.kind == .folder else {
            let what = there.kind == .link ? "a symbolic link" : "no folder"
            throw .refusal(
                "cannot make \(home.path): what stands there is \(what), owned by uid \(there.owner.uid); "
                    + "move it away, then run it again")
        }
        guard there.owner.uid == home.uidNumber else {
            throw .refusal(
                "cannot make \(home.path) for uid \(home.uidNumber): a folder stands there that uid \(there.owner.uid) "
                    + "owns; it was left as it is: move it away or give it to the user, then run it again")
        }
    }

    private func staging(
        _ name: EntryName, at place: String, owner: Owner, mode: UInt16, skeleton: Skeleton?
    ) -> Staging {
        Staging(name: name, place: place, owner: owner, mode: mode, skeleton: skeleton, renaming: renaming)
    }

    private func openMount(_ path: HomePath) throws(HomeError) -> Descriptor {
        do {
            var mount = try Descriptor.folder(at: path.root.path)
            for name in path.mountFolders { mount = try mount.folder(name) }
            return mount
        } catch {
            switch error.code {
            case ENOENT: throw .refusal("the mount \(path.mount) is not there; is it mounted?")
            case ENOTDIR, ELOOP:
                throw .refusal(
                    "the mount \(path.mount) is no folder (a symbolic link is not followed); name the folder itself")
            default: throw .cannot("open the mount \(path.mount)", error)
            }
        }
    }

    /// Nil if there is no entry of that name.
    private func open(
        _ name: EntryName, in parent: borrowing Descriptor, at place: String
    ) throws(HomeError) -> Descriptor? {
        do {
            return try parent.folder(name)
        } catch {
            switch error.code {
            case ENOENT: return nil
            case ENOTDIR, ELOOP:
                let isLink = try status(of: name, in: parent, at: place)?.kind == .link
                let what = isLink ? "a symbolic link, which is not followed" : "no folder"
                throw .refusal(
                    "\(place), on the way to the home, is \(what); put a folder in its place, then run it again")
            default: throw .cannot("open \(place)", error)
            }
        }
    }

    private func status(
        of name: EntryName, in parent: borrowing Descriptor, at place: String
    ) throws(HomeError) -> EntryStatus? {
        do {
            return try parent.status(of: name)
        } catch {
            throw .cannot("look at \(place)", error)
        }
    }
}
