/// Why an operation is not carried out.
struct RefusedOperation: Error, Equatable {
    let code: ResultCode
    let message: String
    var matched = ""

    init(_ code: ResultCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// - Parameter matched: the name of the nearest entry above that is there.
    static func noSuchObject(below matched: String) -> RefusedOperation {
        var refused = RefusedOperation(.noSuchObject, "")
        refused.matched = matched
        return refused
    }
}
