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

extension RosterError {
    /// The message for an LDAP client (`diagnosticMessage`, RFC 4511 section 4.1.9): without the name of the API's parameter,
    /// which LDAP does not have.
    var diagnosticMessage: String {
        for name in Self.parameterNames where message.hasPrefix(name) {
            return String(message.dropFirst(name.count))
        }
        return message
    }

    private static let parameterNames = [
        "access_key_id or signature: ", "access_key_id: ", "username: ", "cluster_id: ", "zone: ",
    ]
}
