/// The outcome of an operation: the codes of RFC 4511 appendix A that Roster returns.
package enum ResultCode: UInt8, Sendable, Equatable, CaseIterable {
    case success = 0
    case operationsError = 1
    case protocolError = 2
    case timeLimitExceeded = 3
    case sizeLimitExceeded = 4
    case compareFalse = 5
    case compareTrue = 6
    case authMethodNotSupported = 7
    case strongerAuthRequired = 8
    case adminLimitExceeded = 11
    case unavailableCriticalExtension = 12
    case confidentialityRequired = 13
    case noSuchAttribute = 16
    case undefinedAttributeType = 17
    case inappropriateMatching = 18
    case constraintViolation = 19
    case invalidAttributeSyntax = 21
    case noSuchObject = 32
    case invalidDNSyntax = 34
    case invalidCredentials = 49
    case insufficientAccessRights = 50
    case busy = 51
    case unavailable = 52
    case unwillingToPerform = 53
    case other = 80
}
