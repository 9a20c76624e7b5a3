import GRDB
import RosterModel
import RosterStore

extension StoreError {
    init(translating error: any Error) {
        if let failure = error as? StoreError {
            self = failure
            return
        }
        guard let error = error as? DatabaseError else {
            self = .unavailable(cause: "\(error)")
            return
        }
        let cause = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_READONLY, .SQLITE_FULL, .SQLITE_PERM: self = .readOnly(cause: cause)
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE:
            self = .refusedByDatabase("SQLite \(error.extendedResultCode.rawValue)")
        default: self = .unavailable(cause: "\(cause) (\(error.extendedResultCode))")
        }
    }
}
