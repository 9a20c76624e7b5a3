import RosterModel
import RosterSnapshot

extension RosterError {
    /// What a client of LDAP is told, with the codes that OpenLDAP's server gives.
    var resultCode: ResultCode {
        switch code {
        case .passwordUnacceptable: .constraintViolation
        case .passwordMismatch, .readOnly, .quotaExceeded: .unwillingToPerform
        case .permissionDenied: .insufficientAccessRights
        case .notAuthenticated: .strongerAuthRequired
        case .noSuchUser, .notFound: .noSuchObject
        case .busy: .busy
        case .invalidParameter, .nameMalformed: .constraintViolation
        case .accountExists, .alreadyExists, .unknownAction, .unknownModule, .requestExpired, .internalError: .other
        }
    }
}
