package import RosterModel
import RosterSnapshot

extension RosterError {
    /// The `ret_code` of the E-HPC API (reference page, section 3).
    package var returnCode: Int { code.returnCode }
}

extension RosterError.Code {
    /// The `ret_code` of the E-HPC API (reference page, section 3).
    package var returnCode: Int {
        switch self {
        case .invalidParameter: 1100
        case .unknownAction: 1101
        case .notAuthenticated: 1200
        case .requestExpired: 1300
        case .permissionDenied: 1400
        case .accountExists: 1510
        case .nameMalformed: 1520
        case .noSuchUser: 1610
        case .passwordUnacceptable: 1630
        case .passwordMismatch: 1660
        case .notFound: 2100
        case .alreadyExists: 2110
        case .quotaExceeded: 2500
        case .unknownModule: 3300
        case .internalError: 5000
        case .busy: 5100
        case .readOnly: 5300
        }
    }
}
