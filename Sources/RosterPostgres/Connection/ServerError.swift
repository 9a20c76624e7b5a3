import RosterModel
import RosterStore

/// A failure between this program and PostgreSQL.
enum ServerError: Error {
    /// The server refused a statement.
    case refused(state: String, message: String)
    /// The connection cannot be established, or is lost.
    case lost(cause: String)

    /// Whether the change itself was refused: by a rule of the tables (class 23), as invalid data (22), or because it
    /// exceeds a limit (54).
    var isOfTheChange: Bool {
        if case .refused(let state, _) = self { ["22", "23", "54"].contains(state.prefix(2)) } else { false }
    }

    /// Whether another transaction held a lock for too long.
    var isLockTimeout: Bool {
        if case .refused("55P03", _) = self { true } else { false }
    }
}

extension StoreError {
    /// Maps by the classes of PostgreSQL's appendix "Error Codes".
    init(translating error: any Error) {
        switch error {
        case let failure as StoreError: self = failure
        case ServerError.lost(let cause): self = .unavailable(cause: cause)
        case ServerError.refused(let state, let message):
            switch state {
            // A standby, or a server that is set read-only; a full disk.
            case "25006", "53100": self = .readOnly(cause: message)
            case "55P03", "57014", "40001", "40P01": self = .busy
            // Data that the database cannot store, although the directory's own rules allow it.
            case _ where ["22", "23", "54"].contains(state.prefix(2)):
                self = .refusedByDatabase("SQLSTATE \(state)")
            default: self = .unavailable(cause: "\(message) (SQLSTATE \(state))")
            }
        default: self = .unavailable(cause: "\(error)")
        }
    }
}
