import Glibc
import RosterModel

/// Renames an entry to a name that is not taken.
struct ExclusiveRename {
    private typealias RenameAt2 =
        @Sendable @convention(c) (
            CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt
        ) -> CInt

    /// Looked up by name, because Swift's Glibc omits GNU extensions; nil if the C library lacks it.
    private static let renameAt2: RenameAt2? = {
        guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "renameat2") else { return nil }
        return unsafeBitCast(symbol, to: RenameAt2.self)
    }()
    /// RENAME_NOREPLACE in linux/fs.h.
    private static let noReplace: CUnsignedInt = 1

    /// Whether to use RENAME_NOREPLACE; a test sets false to act like a file system without it.
    let exclusively: Bool

    /// - Throws: EEXIST if `newName` is taken; the entry there stays.
    func rename(
        _ name: EntryName, in folder: borrowing Descriptor, to newName: EntryName, in newFolder: borrowing Descriptor
    ) throws(SystemError) {
        let (from, to) = (folder.number, newFolder.number)
        if exclusively, let renameAt2 = Self.renameAt2 {
            do {
                _ = try systemCall { renameAt2(from, name.bytes, to, newName.bytes, Self.noReplace) }
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
