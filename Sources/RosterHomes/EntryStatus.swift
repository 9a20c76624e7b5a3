import Glibc
import RosterModel

/// The status of a folder's entry.
struct EntryStatus: Equatable {
    enum Kind: Equatable {
        case folder, file, link, other
    }

    let kind: Kind
    let owner: Owner
    /// The permission bits, with setuid, setgid and sticky.
    let mode: UInt16
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .folder
            case S_IFREG: .file
            case S_IFLNK: .link
            default: .other
            }
        owner = Owner(uid: status.st_uid, gid: status.st_gid)
        mode = UInt16(status.st_mode & 0o7777)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Whether both describe the same entry, whatever its name is now.
    func isSame(as other: EntryStatus) -> Bool {
        device == other.device && inode == other.inode
    }
}
