/// Why an operation fails.
struct LDAPOperationError: Error, Equatable {
    let code: ResultCode
    let message: String
    var matched = ""

    init(_ code: ResultCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// - Parameter matched: the name of the nearest existing entry above.
    static func noSuchObject(below matched: String) -> LDAPOperationError {
        var refused = LDAPOperationError(.noSuchObject, "")
        refused.matched = matched
        return refused
    }
}
