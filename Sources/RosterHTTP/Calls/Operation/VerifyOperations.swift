import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore

/// `GET /api/operation/verify`: whether every event of the operation log follows from the one before. An addition to
/// the vendor's API.
struct VerifyOperations: StoreCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/operation/verify"
    static let action = "HpcOperationVerifyResponse"
    static let summary = "Verifies the chain of the operation log."
    static let access = CallAccess.globalAdministrator
    static let parameters =
        [
            .zone,
            ParameterDescription(
                "head", .chainHead,
                meaning: "A head of the log that the client kept: the log must hold it."),
        ]

    static let answer = [
        AnswerMember("event_count", .optional(.integer), meaning: "The number of events; null if the chain is broken."),
        AnswerMember("fault", .optional(.text), meaning: "Where the chain is broken, in one line; else null."),
        AnswerMember("head", .optional(.text), meaning: "The last event and its code; null if the chain is broken."),
    ]

    let directory: Directory

    /// - Throws: `invalidParameter` for a malformed `head`; `permissionDenied` unless the key is a global
    ///   administrator's; `busy` if the store, which holds the log, cannot be reached.
    func perform(
        _ request: AuthenticatedRequest
    ) async throws(RosterError) -> Result<ChainHead, ChainWalk.ChainError> {
        var expected: ChainHead?
        if let text = CallParameters(request.request)["head"] { expected = try ChainHead(text) }
        try request.actor.authorization.requireGlobalAdmin()
        do throws(StoreError) {
            return try await directory.walkLog(expecting: expected)
        } catch {
            throw error.clientError
        }
    }

    func write(_ outcome: Result<ChainHead, ChainWalk.ChainError>, to json: inout JSONWriter) {
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
