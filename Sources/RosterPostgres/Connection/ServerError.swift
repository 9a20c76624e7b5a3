import Roster

/// What went wrong between this program and PostgreSQL.
enum ServerError: Error {
    /// The server refused a statement.
    case refused(state: String, message: String)
    /// The connection cannot be made or is lost. Where `duringCommit` holds, a commit was under way.
    case lost(cause: String)

    /// Whether a rule of the tables (unique, foreign key, check) refused it.
    var isConstraint: Bool {
        if case .refused(let state, _) = self { state.hasPrefix("23") } else { false }
    }
}

extension StoreFailure {
    /// The classes are those of PostgreSQL's appendix "Error Codes".
    init(translating error: any Error) {
        switch error {
        case let failure as StoreFailure: self = failure
        case ServerError.lost(let cause): self = .unavailable(cause: cause)
        case ServerError.refused(let state, let message):
            switch state {
            // A standby, or a server that is set to take no writes; a full disk.
            case "25006", "53100": self = .readOnly(cause: message)
            case "55P03", "57014", "40001", "40P01": self = .busy
            default: self = .unavailable(cause: "\(message) (SQLSTATE \(state))")
            }
        default: self = .unavailable(cause: "\(error)")
        }
    }
}
