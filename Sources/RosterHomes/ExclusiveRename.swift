import CRename
import Glibc
import RosterModel

/// Renames an entry to a name that is not taken.
struct ExclusiveRename {
    /// Whether to use RENAME_NOREPLACE; a test sets false to act like a file system without it.
    let exclusively: Bool

    /// - Throws: EEXIST if `newName` is taken; the entry there stays.
    func rename(
        _ name: EntryName, in folder: borrowing Descriptor, to newName: EntryName, in newFolder: borrowing Descriptor
    ) throws(SystemError) {
        let (from, to) = (folder.number, newFolder.number)
        if exclusively {
            do {
                _ = try systemCall { crename_exclusively(from, name.bytes, to, newName.bytes) }
                return
            } catch {
                guard [EINVAL, ENOSYS, ENOTSUP].contains(error.code) else { throw error }
            }
        }
        // NFS lacks the flag. A plain rename of a folder replaces nothing but an empty folder, so a race between the
        // check and the rename can lose an empty folder, never a file, a link or anything in a folder.
        guard try newFolder.status(of: newName) == nil else { throw SystemError(EEXIST) }
        do {
            _ = try systemCall { renameat(from, name.bytes, to, newName.bytes) }
        } catch {
            throw [ENOTEMPTY, ENOTDIR].contains(error.code) ? SystemError(EEXIST) : error
        }
    }
}
