import FoundationEssentials
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot
import RosterStore

/// Answers calls of the API.
///
/// The body's `ret_code` holds the outcome. The HTTP status of every API call is 200, because the vendor's SDKs discard
/// the body of any other status. Other statuses are for requests that are not API calls.
struct APIHandler: Sendable {
    let directory: Directory
    let router: APIRouter
    let limits: CallLimits
    /// What the start waits for, until the directory is loaded.
    var startMessage: @Sendable () -> String = { "loading the directory" }
    /// Whether every server of the process accepts connections.
    var everyServerListens: @Sendable () -> Bool = { true }
    /// Logs refused signatures.
    var refusals = RefusalLog()
    /// How long a request waits for the revision that it names.
    var patience = Duration.seconds(2)

    /// Nil if responses are not logged.
    var accessLog: AccessLog?

    /// Nil if nothing is measured.
    var metrics: CallMetrics?

    /// How many bytes the bodies of all connections may take together until their requests are answered.
    let bodyBudget = ByteBudget(maximum: 64 << 20)

    /// How many bytes requests may take that wait for the answers to earlier ones of their connections.
    let waitingBudget = ByteBudget(maximum: 256 << 20)

    /// Where large responses are made: one core stays free for the others.
    let largeResponses = WorkQueue(width: ProcessInfo.processInfo.activeProcessorCount - 1)

    /// The largest accepted body, in bytes.
    static let largestBody = 1 << 20

    /// With the reason phrase that clients of the API expect; RFC 9110 calls it Content Too Large.
    private static let tooLargeStatus = HTTPResponse.Status(code: 413, reasonPhrase: "Payload Too Large")

    /// Answers a request without a body from memory. Nil if its call needs the store, if its response is large, or if
    /// the snapshot is older than the revision that the request names; `answer` then answers it.
    func answerAtOnce(_ request: APIRequest) -> APIResponse? {
        guard let metrics else { return responseAtOnce(to: request) }
        let start = NIODeadline.now()
        guard let response = responseAtOnce(to: request) else { return nil }
        if let outcome = response.outcome { metrics.record(outcome, since: start) }
        return response
    }

    private func responseAtOnce(to request: APIRequest) -> APIResponse? {
        let (path, rawQuery) = request.parts
        let call: APIRouter.Call
        switch router.route(request.method, path: path) {
        case .call(let found): call = found
        case .plain(let route): return route.respond(self, request)
        case .refused: return nil
        }
        guard case .snapshot(let list) = call, directory.isReady else { return nil }
        let parsed: ParsedRequest
        do throws(RosterError) {
            parsed = try parse(request, path: path, rawQuery: rawQuery, call: call)
        } catch {
            return refused(error, call: call, request: request, parsed: nil)
        }
        do throws(RosterError) {
            if parsed.mayHaveToWait, directory.snapshot.revision < parsed.leastRevision { return nil }
            if list.isLarge(CallParameters(parsed.signed), in: directory.snapshot) { return nil }
            switch try authenticate(parsed, call: call, request: request) {
            case .authenticated(let authenticated):
                return try self.list(list, authenticated: authenticated, request: request)
            case .refused(let answer): return answer
            }
        } catch {
            return refused(error, call: call, request: request, parsed: parsed)
        }
    }

    /// The response to a request whose body need not be read; nil if `answer` answers it.
    func answerBeforeBody(_ request: APIRequest) -> APIResponse? {
        let start = NIODeadline.now()
        guard let response = responseBeforeBody(to: request) else { return nil }
        if let outcome = response.outcome { metrics?.record(outcome, since: start) }
        return response
    }

    private func responseBeforeBody(to request: APIRequest) -> APIResponse? {
        let (path, rawQuery) = request.parts
        switch router.route(request.method, path: path) {
        case .call(let call):
            guard directory.isReady else { return starting(call, request) }
            var parsed: ParsedRequest?
            do throws(RosterError) {
                let request = try parse(request, path: path, rawQuery: rawQuery, call: call)
                parsed = request
                // Do not read a megabyte of body for an unknown key or an expired time.
                guard directory.snapshot.key(request.common.accessKeyID) != nil else {
                    throw Authorization.notAuthenticated
                }
                try request.common.checkTime(now: directory.now)
                return nil
            } catch {
                return refused(error, call: call, request: request, parsed: parsed)
            }
        case .plain(let route): return route.respond(self, request)
        case .refused(let error, let action):
            return error.code == .unknownModule
                ? failure(error, status: .notFound, action: action, request: request) : nil
        }
    }

    /// Answers any request.
    /// - Parameter readBody: nil if the body is larger than `largestBody`, or ends early.
    func answer(_ request: APIRequest, readBody: () async -> [UInt8]?) async -> APIResponse {
        let start = NIODeadline.now()
        let response = await self.response(to: request, readBody: readBody)
        if let outcome = response.outcome { metrics?.record(outcome, since: start) }
        return response
    }

    private func response(to request: APIRequest, readBody: () async -> [UInt8]?) async -> APIResponse {
        let (path, rawQuery) = request.parts
        let call: APIRouter.Call
        switch router.route(request.method, path: path) {
        case .call(let found): call = found
        case .plain(let route): return route.respond(self, request)
        case .refused(let error, let action):
            if error.code == .unknownAction, await readBody() == nil { return tooLarge(action, request) }
            return failure(
                error, status: error.code == .unknownModule ? .notFound : .ok, action: action, request: request)
        }
        guard directory.isReady else { return starting(call, request) }
        var parsed: ParsedRequest
        do throws(RosterError) {
            parsed = try parse(request, path: path, rawQuery: rawQuery, call: call)
        } catch {
            return refused(error, call: call, request: request, parsed: nil)
        }
        guard let body = await readBody() else { return tooLarge(call.action, request) }
        parsed.signed.body = body
        do throws(RosterError) {
            var isCounted = false
            if let signer = signerWhoMustWait(parsed) {
                if let answer = count(parsed, of: signer, call: call, request: request) { return answer }
                isCounted = true
                try await directory.wait(for: parsed.leastRevision, atMost: patience)
            }
            switch try authenticate(parsed, call: call, request: request, isCounted: isCounted) {
            case .authenticated(let authenticated):
                switch call {
                case .snapshot(let list):
                    guard list.isLarge(CallParameters(parsed.signed), in: authenticated.snapshot) else {
                        return try self.list(list, authenticated: authenticated, request: request)
                    }
                    return try await large(
                        list, authenticated: authenticated, request: request, for: parsed.common.accessKeyID)
                case .store(let call): return try await perform(call, authenticated: authenticated, request: request)
                }
            case .refused(let answer): return answer
            }
        } catch {
            return refused(error, call: call, request: request, parsed: parsed)
        }
    }

    // MARK: The steps of every call

    /// A request whose common parameters are well formed.
    private struct ParsedRequest {
        var signed: SignedRequest
        let common: CommonParameters
        let origin: String
        /// The oldest revision that the response may show.
        let leastRevision: Revision

        /// False for most requests, for which the snapshot's revision is then not read.
        var mayHaveToWait: Bool { leastRevision > .none }
    }

    private enum Authentication {
        case authenticated(AuthenticatedRequest)
        /// The key exceeded its rate.
        case refused(APIResponse)
    }

    private func parse(
        _ request: APIRequest, path: Substring, rawQuery: Substring, call: APIRouter.Call
    ) throws(RosterError) -> ParsedRequest {
        let signed = try SignedRequest(
            method: request.method.rawValue, path: String(path), rawQuery: String(rawQuery))
        return ParsedRequest(
            signed: signed, common: try CommonParameters(signed, needsZone: call.isRead),
            origin: limits.origin(peer: request.peer, forwardedFor: request.forwardedFor),
            leastRevision: try Self.leastRevision(request.leastRevision))
    }

    /// - Throws: `invalidParameter`.
    private static func leastRevision(_ values: [String]) throws(RosterError) -> Revision {
        guard let text = values.first else { return .none }
        guard values.count == 1 else { throw .invalid("Roster-Revision", "is present twice") }
        return Revision(try ParameterParsing.count(text, name: "Roster-Revision"))
    }

    /// The signer of a request that has to wait for its revision. Nil if it need not wait, or if its signature or time
    /// is invalid, in which case it is refused without waiting. All other checks follow the wait and use the snapshot
    /// with that revision.
    private func signerWhoMustWait(_ parsed: ParsedRequest) -> Principal? {
        guard parsed.mayHaveToWait, directory.snapshot.revision < parsed.leastRevision else { return nil }
        return AuthenticatedRequest.signer(of: parsed.signed, parsed.common, directory: directory)
    }

    /// Counts a call.
    /// - Returns: the refusal if the key exceeds its rate.
    private func count(
        _ parsed: ParsedRequest, of principal: Principal, call: APIRouter.Call, request: APIRequest
    ) -> APIResponse? {
        do {
            try limits.count(parsed.common.accessKeyID, of: principal)
            return nil
        } catch {
            return excess(error, action: call.action, request: request)
        }
    }

    private func authenticate(
        _ parsed: ParsedRequest, call: APIRouter.Call, request: APIRequest, isCounted: Bool = false
    ) throws(RosterError) -> Authentication {
        let authenticated = try AuthenticatedRequest(
            parsed.signed, parsed.common, directory: directory, origin: parsed.origin)
        if !isCounted, let answer = count(parsed, of: authenticated.actor.principal, call: call, request: request) {
            return .refused(answer)
        }
        return .authenticated(authenticated)
    }

    private func refused(
        _ error: RosterError, call: APIRouter.Call, request: APIRequest, parsed: ParsedRequest?
    ) -> APIResponse {
        if let parsed, let reason = reason(of: error, for: parsed.common.accessKeyID) {
            refusals.log(
                "a signature was refused", client: parsed.origin, name: "key \(parsed.common.accessKeyID)",
                reason: reason, more: ["action": "\(call.action)"], to: request.requestLogger)
        }
        // A wrong signature or password counts against the key that the request names.
        if error.code == .notAuthenticated || error.code == .passwordMismatch, let parsed {
            do {
                try limits.countFailure(origin: parsed.origin, name: parsed.common.accessKeyID.text)
            } catch {
                return excess(error, action: call.action, request: request)
            }
        }
        return failure(error, status: .ok, action: call.action, request: request)
    }

    /// Why a request was refused whose client is not told more than that; nil for other errors.
    private func reason(of error: RosterError, for id: AccessKeyID) -> String? {
        switch error.code {
        case .requestExpired: return "request_expired"
        case .passwordMismatch: return LoginObstacle.wrongPassword.reason
        case .notAuthenticated:
            let snapshot = directory.snapshot
            guard let key = snapshot.key(id) else { return "key_unknown" }
            let scope = try? Authorization.scope(of: key.principal, in: snapshot, at: directory.now)
            return scope == nil ? "account_without_active_user" : "signature_wrong"
        default: return nil
        }
    }

    // MARK: The calls

    private func list(
        _ call: any SnapshotCall, authenticated: AuthenticatedRequest, request: APIRequest
    ) throws(RosterError) -> APIResponse {
        let body = try call.body(for: authenticated)
        return success(call.action, body: body, revision: authenticated.snapshot.revision, request: request)
    }

    /// Makes a large response when it is the key's turn.
    private func large(
        _ call: any SnapshotCall, authenticated: AuthenticatedRequest, request: APIRequest, for key: AccessKeyID
    ) async throws(RosterError) -> APIResponse {
        let client = request.client
        let made = await largeResponses.run(for: QueueClient(key.text), isWanted: { client.isThere }) {
            Result { () throws(RosterError) in try self.list(call, authenticated: authenticated, request: request) }
        }
        guard let made else { throw RosterError(.busy, "too many large lists are being made, try again") }
        return try made.get()
    }

    private func perform(
        _ call: any StoreCall, authenticated: AuthenticatedRequest, request: APIRequest
    ) async throws(RosterError) -> APIResponse {
        let body = try await call.body(for: authenticated)
        // A client reads its own write: the change is published by now, unless the store became unreachable meanwhile.
        let revision = call.isRead ? authenticated.snapshot.revision : directory.knownRevision
        return success(call.action, body: body, revision: revision, request: request)
    }

    // MARK: Responses

    private func success(
        _ action: String, body: ByteBuffer, revision: Revision, request: APIRequest
    ) -> APIResponse {
        if request.logger.logLevel <= .debug {
            request.requestLogger.debug("answered", metadata: ["action": "\(action)", "ret_code": "0"])
        }
        return APIResponse(
            status: .ok, revision: revision, body: body, outcome: .init(action: action, returnCode: 0))
    }

    private func excess(_ excess: CallLimits.RateLimitExceededError, action: String, request: APIRequest)
        -> APIResponse
    {
        var answer = failure(excess.error, status: .ok, action: action, request: request)
        answer.retryAfter = excess.retryAfter
        return answer
    }

    private func starting(_ call: APIRouter.Call, _ request: APIRequest) -> APIResponse {
        let error = RosterError(.busy, "the server is starting, try again")
        return failure(error, status: .serviceUnavailable, action: call.action, request: request)
    }

    private func tooLarge(_ action: String, _ request: APIRequest) -> APIResponse {
        let error = RosterError.invalid("body", "is larger than \(Self.largestBody) bytes, or broke off")
        return failure(error, status: Self.tooLargeStatus, action: action, request: request)
    }

    private func failure(
        _ error: RosterError, status: HTTPResponse.Status, action: String, request: APIRequest
    ) -> APIResponse {
        var error = error
        if error.code == .internalError {
            request.requestLogger.error("failed", metadata: ["action": "\(action)", "cause": "\(error)"])
            error = RosterError(.internalError, "internal error, request \(request.requestID.text)")
        }
        if request.logger.logLevel <= .debug {
            request.requestLogger.debug(
                "refused", metadata: ["action": "\(action)", "ret_code": "\(error.returnCode)", "reason": "\(error)"])
        }
        var response = plain(status) { json in
            json.string(action, for: "action")
            json.string(error.message, for: "message")
            json.key("ret_code")
            json.number(error.returnCode)
        }
        response.outcome = .init(action: action, returnCode: error.returnCode)
        return response
    }

    /// `GET /health/ready`: whether the directory is loaded, and every server of the process accepts connections.
    func readiness() -> APIResponse {
        guard directory.isReady else { return starting(startMessage()) }
        guard everyServerListens() else { return starting("not every server accepts connections yet") }
        let revision = directory.snapshot.revision
        let away = directory.unreachableSince
        let isFull = directory.readOnlyCause != nil
        return plain(.ok) { json in
            json.string(away == nil && !isFull ? "ready" : "read-only", for: "status")
            if let away {
                json.string("read-only, store unreachable since \(away)", for: "message")
            } else if isFull {
                json.string("read-only, the store takes no writes, see the log", for: "message")
            }
            json.key("revision")
            json.number(Int(revision.number))
        }
    }

    private func starting(_ message: String) -> APIResponse {
        plain(.serviceUnavailable) { json in
            json.string("starting", for: "status")
            json.string(message, for: "message")
        }
    }

    /// `GET /health/live`: reports that the server runs.
    func liveness() -> APIResponse {
        plain(.ok) { $0.string("live", for: "status") }
    }

    /// `GET /api/openapi.json`: the description of the calls, which is the same until another version runs. A client
    /// that has it already is told so (RFC 9110 section 13.1.2).
    func description(for request: APIRequest) -> APIResponse {
        let known = request.headers["If-None-Match"].lazy.flatMap { $0.split(separator: ",") }.contains {
            let tag = $0.filter { $0 != " " }
            return tag == "*" || tag == OpenAPIDocument.entityTag || tag == "W/" + OpenAPIDocument.entityTag
        }
        var response = APIResponse(
            status: known ? .notModified : .ok, revision: directory.snapshot.revision,
            body: known ? ByteBuffer() : OpenAPIDocument.bytes)
        response.entityTag = OpenAPIDocument.entityTag
        return response
    }

    private func plain(_ status: HTTPResponse.Status, _ members: (inout JSONWriter) -> Void) -> APIResponse {
        var json = JSONWriter()
        json.object(members)
        return APIResponse(status: status, revision: directory.snapshot.revision, body: json.buffer)
    }
}

extension JSONWriter {
    fileprivate mutating func string(_ value: String, for name: StaticString) {
        key(name)
        string(value)
    }
}
