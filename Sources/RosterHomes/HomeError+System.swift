import Glibc
import RosterModel

extension HomeError {
    /// What failed, why, and what an administrator can do about it.
    /// - Parameter act: what failed, with the path, worded to follow "cannot".
    static func cannot(_ act: String, _ error: SystemError) -> HomeError {
        let reason = String(cString: strerror(error.code))
        return refusal("cannot \(act): \(reason)\(advice(error.code).map { "; \($0)" } ?? "")")
    }

    /// `text` as one line, whatever the names in it hold.
    static func refusal(_ text: String) -> HomeError {
        HomeError(text.sanitizedForDisplay(limit: .max))
    }

    private static func advice(_ code: CInt) -> String? {
        switch code {
        case ENOSPC: "make room on the file system (space or inodes), then run it again"
        case EDQUOT: "raise the quota of the user or the folder, then run it again"
        case EROFS: "mount the file system to be written, then run it again"
        case EACCES, EPERM:
            "Roster must run as root, and the share must be exported to this host without root_squash"
        case ESTALE, EIO, ENOTCONN, EHOSTDOWN: "look at the share and its server, mount it again if need be"
        case EMFILE, ENFILE: "raise the limit of open files"
        case ENAMETOOLONG: "shorten the name"
        default: nil
        }
    }
}
