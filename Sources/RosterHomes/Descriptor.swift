import Glibc
import RosterModel

/// A file descriptor that is closed when it goes out of use, on every path.
///
/// Everything below the mount is done relative to one of these, by `EntryName`: what somebody renames or replaces
/// meanwhile cannot lead a call elsewhere. What is opened is never opened through a symbolic link.
struct Descriptor: ~Copyable {
    let number: CInt

    init(owning number: CInt) {
        self.number = number
    }

    deinit {
        // Never again after EINTR: Linux has closed it by then, and the number may be another's.
        close(number)
    }

    /// Opens the folder at the absolute `path`. Only the last component is not followed: what stands above is the
    /// administrator's.
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

    /// Waits until it is on the disk.
    func synchronize() throws(SystemError) {
        do {
            _ = try systemCall { fsync(number) }
        } catch {
            // Some network file systems have no such call for folders: they keep them in order by themselves.
            if error.code != EINVAL && error.code != ENOTSUP { throw error }
        }
    }
}

/// Who is to own a file.
struct Owner: Equatable {
    let uid: UInt32
    let gid: UInt32

    static let root = Owner(uid: 0, gid: 0)
}
