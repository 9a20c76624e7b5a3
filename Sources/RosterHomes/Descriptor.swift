import Glibc
import RosterModel

/// A file descriptor that is closed on every path when it goes out of use.
///
/// Everything below the mount happens relative to a descriptor, by `EntryName`, so that a concurrent rename or
/// replacement cannot lead a call elsewhere. Nothing is opened through a symbolic link.
struct Descriptor: ~Copyable {
    let number: CInt

    init(owning number: CInt) {
        self.number = number
    }

    deinit {
        // Not retried after EINTR: Linux has closed the descriptor by then, and its number may have been reused.
        close(number)
    }

    /// Opens the folder at the absolute `path`. Only the last component must not be a symbolic link: the path above it
    /// is the administrator's.
    static func folder(at path: String, followingLast: Bool = false) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followingLast ? 0 : O_NOFOLLOW)
        return Descriptor(owning: try systemCall { open(path, flags) })
    }

    func status() throws(SystemError) -> EntryStatus {
        var status = stat()
        _ = try systemCall { fstat(number, &status) }
        return EntryStatus(status)
    }

    func setOwner(_ owner: Owner) throws(SystemError) {
        _ = try systemCall { fchown(number, owner.uid, owner.gid) }
    }

    func setMode(_ bits: UInt16) throws(SystemError) {
        _ = try systemCall { fchmod(number, mode_t(bits)) }
    }

    /// Waits until the content is on the disk.
    func synchronize() throws(SystemError) {
        do {
            _ = try systemCall { fsync(number) }
        } catch {
            // Some network file systems lack this call for folders; they order such writes themselves.
            if error.code != EINVAL && error.code != ENOTSUP { throw error }
        }
    }
}

/// The owner that a file gets.
struct Owner: Equatable {
    let uid: UInt32
    let gid: UInt32

    static let root = Owner(uid: 0, gid: 0)
}
