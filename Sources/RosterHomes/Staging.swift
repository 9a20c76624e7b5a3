import Glibc
import RosterModel

/// Makes a folder so that it appears under its name whole or not at all, whenever the machine stops.
///
/// It is built in a staging folder beside its place, `.roster.NAME`, which is Roster's and closed to everybody else:
/// not even who owns the parent folder can change what is in it. In there it has a name of its own, `new-` and a random
/// number, and is renamed to its place when it is finished. A later run finds what an earlier one left, because the
/// staging folder's name follows from the home's. It renames that to `old-…` before it removes it: what another process
/// finishes at that moment is either in place and left alone, or lost to that process, which then begins again.
struct Staging {
    /// What the names of staging folders begin with.
    static let prefix = ".roster."
    /// How often to begin again where other processes make the same folder.
    private static let attempts = 16

    /// The folder that is to be made.
    let name: EntryName
    /// Its path, for faults.
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

    /// Makes it in `parent`; false where something of that name stands there by now.
    func make(in parent: borrowing Descriptor) throws(HomeError) -> Bool {
        for _ in 0..<Self.attempts {
            guard let staging = try open(in: parent) else { continue }
            // Not empty where another machine is at it, gone where that was quicker: nothing to say in either case.
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

    /// Removes what an earlier run left beside a folder that is there. Best effort: it harms nobody.
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
        /// Something has the name by now.
        case taken
        /// Another process removed what was being made.
        case lost
    }

    /// The staging folder, locked; nil where another process removed it meanwhile.
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
            // Whoever had the lock before may have removed it, or the parent's owner may have moved it.
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
            // Whoever was waited for may have made it.
            if try parent.status(of: name) != nil { return .taken }
            try staging.makeFolder(draft)
        } catch {
            if error.code == ENOENT { return .lost }
            throw .cannot("make \(place)", error)
        }
        do {
            try build(draft, in: staging)
        } catch {
            // Where another process took it away, that is why: whatever failed, failed of it.
            if isGone(draft, from: staging) { return .lost }
            // As far as it can be: a later run removes the rest.
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
                        // Its maker has put it in its place.
                        if error.code == ENOENT { continue }
                        throw error
                    }
                }
                do throws(SystemError) {
                    try staging.remove(claimed)
                } catch {
                    // Its maker still writes there, and will find out: who comes next removes the rest.
                    if error.code != ENOTEMPTY { throw error }
                }
            }
        } catch {
            throw .cannot("remove what an earlier run left in \(stagingPlace)", error)
        }
    }
}
