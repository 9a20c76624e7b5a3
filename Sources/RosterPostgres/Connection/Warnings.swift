import CPostgres
import RosterStore

/// Whether a server has sent a warning. If the wait for a standby is cut short, PostgreSQL still reports the commit as
/// done, and only a warning tells the difference.
final class Warnings {
    private var isAny = false

    func consume() -> Bool {
        defer { isAny = false }
        return isAny
    }

    static func record(_ result: OpaquePointer?, in place: UnsafeMutableRawPointer?) {
        guard let place, let result, let state = cpostgres_sqlstate(result) else { return }
        // Class 01 is warnings, class 00 notices.
        if String(cString: state).hasPrefix("01") {
            Unmanaged<Warnings>.fromOpaque(place).takeUnretainedValue().isAny = true
        }
    }
}
