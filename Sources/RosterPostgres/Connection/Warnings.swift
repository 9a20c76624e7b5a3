import CPostgres
import RosterStore

/// Whether a server has warned: PostgreSQL calls a commit done whose wait for a standby was cut short, and says so in a warning
/// only.
final class Warnings {
    private var isAny = false

    func consume() -> Bool {
        defer { isAny = false }
        return isAny
    }

    static func record(_ result: OpaquePointer?, in place: UnsafeMutableRawPointer?) {
        guard let place, let result, let state = cpostgres_sqlstate(result) else { return }
        // Class 01 are warnings, class 00 notices.
        if String(cString: state).hasPrefix("01") {
            Unmanaged<Warnings>.fromOpaque(place).takeUnretainedValue().isAny = true
        }
    }
}
