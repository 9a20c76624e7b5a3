import Glibc
import RosterModel

/// Creates a folder so that it appears under its name complete or not at all, even if the machine stops.
///
/// The folder is built in a staging folder beside it, `.roster.NAME`, which belongs to Roster and is closed to
/// everybody else: not even the owner of the parent folder can change its content. In there it has a unique name,
/// `new-` and a random number, and is renamed to its place when it is complete. The name of the staging folder follows
/// from that of the home, so a later run finds what an earlier one left. The later run renames that to `old-…` before
/// it removes it: if another process is about to finish it, either it is in place already and stays, or that process
/// loses it and starts again.
struct Staging {
    /// The prefix of the names of staging folders.
    static let prefix = ".roster."
    /// How often to start again while other processes create the same folder.
    private static let attempts = 16

    /// The name of the folder to create.
    let name: EntryName
    /// The path of the folder, for error messages.
    let place: String
    let owner: Owner
    let mode: UInt16
    let skeleton: Skeleton?
    let renaming: ExclusiveRename

    static func isReserved(_ name: EntryName) -> Bool {
        name.bytes.starts(with: prefix.utf8.map(CChar.init(bitPattern:)))
    }

    private var stagingName: EntryName { EntryName(fixed: Self.prefix, followedBy: name) }
    private var stagingPlace: String {
        String(decoding: place.utf8.dropLast(name.description.utf8.count), as: UTF8.self) + stagingName.description
    }

    /// Creates the folder in `parent`; false if an entry of that name exists by then.
    func make(in parent: borrowing Descriptor) throws(HomeError) -> Bool {
        for _ in 0..<Self.attempts {
            guard let staging = try open(in: parent) else { continue }
            // Fails if another machine uses the folder or has removed it already; both are harmless.
            defer { unlinkat(parent.number, stagingName.bytes, AT_REMOVEDIR) }
            switch try fill(staging, parent) {
            case .made:
                do {
                    try parent.synchronize()
                } catch {
                    throw .cannot("write \(place) to the disk", error)
                }
                return true
            case .taken: return false
            case .lost: continue
            }
        }
        throw .refusal("cannot make \(place): other processes are making it at the same time; run it again")
    }

    /// Removes what an earlier run left beside a finished folder. Best effort: leftovers are harmless.
    func removeStale(in parent: borrowing Descriptor) {
        do {
            guard try parent.status(of: stagingName) != nil, let staging = try open(in: parent, making: false) else {
                return
            }
            try clear(staging)
            unlinkat(parent.number, stagingName.bytes, AT_REMOVEDIR)
        } catch {}
    }

    private enum Outcome {
        case made
        /// An entry has the name by now.
        case taken
        /// Another process removed the unfinished folder.
        case lost
    }

    /// The staging folder, locked; nil if another process removed it meanwhile.
    private func open(in parent: borrowing Descriptor, making: Bool = true) throws(HomeError) -> Descriptor? {
        var isNew = false
        do throws(SystemError) {
            if making {
                try parent.makeFolder(stagingName)
                isNew = true
            }
        } catch {
            if error.code != EEXIST { throw .cannot("make \(place)", error) }
        }
        do throws(SystemError) {
            let staging = try parent.folder(stagingName)
            try staging.waitForOthers()
            let status = try staging.status()
            // The previous holder of the lock may have removed it, or the owner of the parent may have moved it.
            guard let now = try parent.status(of: stagingName), now.isSame(as: status) else { return nil }
            let names = try staging.names()
            guard status.owner.uid == geteuid(), status.mode & 0o077 == 0,
                names.allSatisfy({ $0.isNumbered("new-") || $0.isNumbered("old-") })
            else { throw SystemError(ENOTDIR) }
            return staging
        } catch {
            switch error.code {
            case ENOENT: return nil
            case ENOTDIR, ELOOP: throw isNew ? notKept : notOurs
            default: throw .cannot("open \(stagingPlace)", error)
            }
        }
    }

    private var notOurs: HomeError {
        .refusal(
            "cannot make \(place): \(stagingPlace), in which it would be prepared, is there already and is not "
                + "Roster's; look at it and move it away, then run it again")
    }

    private var notKept: HomeError {
        .refusal(
            "cannot make \(place): the file system does not keep the owner or the mode that it is given; look at the "
                + "options that it is mounted and exported with")
    }

    private func fill(_ staging: borrowing Descriptor, _ parent: borrowing Descriptor) throws(HomeError) -> Outcome {
        try clear(staging)
        let draft = EntryName.numbered("new-")
        do {
            // The previous holder of the lock may have created it.
            if try parent.status(of: name) != nil { return .taken }
            try staging.makeFolder(draft)
        } catch {
            if error.code == ENOENT { return .lost }
            throw .cannot("make \(place)", error)
        }
        do {
            try build(draft, in: staging)
        } catch {
            // If another process took the folder away, that caused the failure.
            if isGone(draft, from: staging) { return .lost }
            // Best effort: a later run removes the rest.
            try? staging.remove(draft)
            throw error
        }
        do {
            try renaming.rename(draft, in: staging, to: name, in: parent)
            return .made
        } catch {
            try? staging.remove(draft)
            switch error.code {
            case EEXIST: return .taken
            case ENOENT: return .lost
            default: throw .cannot("put \(place) in its place", error)
            }
        }
    }

    private func isGone(_ draft: EntryName, from staging: borrowing Descriptor) -> Bool {
        do {
            return try staging.status(of: draft) == nil
        } catch {
            return false
        }
    }

    private func build(_ draft: EntryName, in staging: borrowing Descriptor) throws(HomeError) {
        let folder: Descriptor
        do {
            folder = try staging.folder(draft)
        } catch {
            throw .cannot("make \(place)", error)
        }
        try skeleton?.copy(into: folder, at: place, owner: owner)
        let status: EntryStatus
        do {
            try folder.setOwner(owner)
            try folder.setMode(mode)
            try folder.synchronize()
            status = try folder.status()
        } catch {
            throw .cannot("give \(place) to uid \(owner.uid)", error)
        }
        guard status.owner == owner, status.mode == mode else { throw notKept }
    }

    /// Removes what earlier runs left in the staging folder.
    private func clear(_ staging: borrowing Descriptor) throws(HomeError) {
        do throws(SystemError) {
            for name in try staging.names() {
                var claimed = name
                if name.isNumbered("new-") {
                    claimed = EntryName.numbered("old-")
                    do throws(SystemError) {
                        try renaming.rename(name, in: staging, to: claimed, in: staging)
                    } catch {
                        // Its creator has moved it to its place.
                        if error.code == ENOENT { continue }
                        throw error
                    }
                }
                do throws(SystemError) {
                    try staging.remove(claimed)
                } catch {
                    // Its creator still writes there and will notice; a later run removes the rest.
                    if error.code != ENOTEMPTY { throw error }
                }
            }
        } catch {
            throw .cannot("remove what an earlier run left in \(stagingPlace)", error)
        }
    }
}
