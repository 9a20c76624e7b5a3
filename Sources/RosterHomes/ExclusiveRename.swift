import Glibc
import RosterModel

/// Renames an entry to a name that nothing has.
struct ExclusiveRename {
    private typealias RenameAt2 =
        @Sendable @convention(c) (
            CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt
        ) -> CInt

    /// Looked up by name, because Swift's Glibc leaves out what is GNU's own; nil where the library has none.
    private static let renameAt2: RenameAt2? = {
        guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "renameat2") else { return nil }
        return unsafeBitCast(symbol, to: RenameAt2.self)
    }()
    /// RENAME_NOREPLACE of linux/fs.h.
    private static let noReplace: CUnsignedInt = 1

    /// Whether to ask the file system to refuse a name that is taken, as a test for those that cannot does not.
    let exclusively: Bool

    /// - Throws: EEXIST where `newName` is taken, and whatever stands there stays.
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
        // NFS cannot do it. A plain rename of a folder replaces nothing but an empty folder: what might be lost to one
        // that comes between the look and the rename is an empty folder, never a file, a link or anything in a folder.
        guard try newFolder.status(of: newName) == nil else { throw SystemError(EEXIST) }
        do {
            _ = try systemCall { renameat(from, name.bytes, to, newName.bytes) }
        } catch {
            throw [ENOTEMPTY, ENOTDIR].contains(error.code) ? SystemError(EEXIST) : error
        }
    }
}
