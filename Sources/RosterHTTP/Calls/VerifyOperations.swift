import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore

/// `GET /api/operation/verify`: whether the operation log is whole. Roster's own call.
struct VerifyOperations {
    static let action = "HpcOperationVerifyResponse"

    let directory: Directory
    let chaining: any EventChaining

    /// - Throws: `invalidParameter` for a malformed `head`; `permissionDenied` to all but an operator and a boss; `busy`
    ///   where the store is away: the log is read from it.
    func walk(_ caller: AuthenticatedRequest) async throws(RosterError) -> Result<ChainHead, ChainWalk.ChainError> {
        var expected: ChainHead?
        if let text = CallParameters(caller.request)["head"] { expected = try ChainHead(text) }
        try caller.actor.authorization.requireGlobalAdmin()
        do throws(StoreError) {
            return try await directory.walkLog(chaining: chaining, expecting: expected)
        } catch {
            throw error.clientError
        }
    }

    static func write(_ outcome: Result<ChainHead, ChainWalk.ChainError>, to json: inout JSONWriter) {
        switch outcome {
        case .success(let head):
            json.key("event_count")
            json.number(Int(head.sequence))
            json.key("fault")
            json.null()
            json.key("head")
            json.string(head.description)
        case .failure(let fault):
            json.key("event_count")
            json.null()
            json.key("fault")
            json.string(fault.description)
            json.key("head")
            json.null()
        }
    }
}
