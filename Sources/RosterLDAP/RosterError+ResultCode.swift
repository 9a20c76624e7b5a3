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
    /// The message for an LDAP client (`diagnosticMessage`, RFC 4511 section 4.1.9): without the names of the API's parameters,
    /// which LDAP does not have.
    var diagnosticMessage: String {
        switch subject {
        case .accessKey, .credentials, .user, .group, .cluster, .zone, nil: fault
        // Nodes show it to their users.
        case .password: "password: \(fault)"
        case .parameter: message
        }
    }
}
