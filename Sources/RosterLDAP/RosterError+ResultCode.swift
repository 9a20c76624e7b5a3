import RosterModel
import RosterSnapshot

extension RosterError {
    /// The result code for an LDAP client, as OpenLDAP's server would choose it.
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
    /// The message for an LDAP client (`diagnosticMessage`, RFC 4511 section 4.1.9), without the parameter names of the
    /// API, which LDAP does not have.
    var diagnosticMessage: String {
        switch subject {
        case .accessKey, .credentials, .user, .group, .cluster, .zone, nil: fault
        // Nodes show this text to their users.
        case .password: "password: \(fault)"
        case .parameter: message
        }
    }
}
