import HTTPTypes
import Logging
import NIOCore
import RosterDirectory
import RosterModel
import RosterSnapshot
import RosterStore

/// Answers calls of the API.
///
/// The body's `ret_code` holds the outcome. The HTTP status of every API call is 200, because the vendor's SDKs discard the
/// body of any other status. Other statuses are for requests that are no API call.
struct APIHandler: Sendable {
    let directory: Directory
    let router: APIRouter
    let limits: CallLimits
    /// How long a request waits for the revision that it asks for.
    var patience = Duration.seconds(2)

    /// The largest body that is read, in bytes.
    static let largestBody = 1 << 20

    /// With the reason phrase that clients of the API have always had; RFC 9110 calls it Content Too Large.
    private static let tooLargeStatus = HTTPResponse.Status(code: 413, reasonPhrase: "Payload Too Large")

    /// Answers a request without a body from memory. Nil if its call needs the store, or if the snapshot is older than
    /// the revision that the request names: then `answer` answers it.
    func answerAtOnce(_ asked: APIRequest) -> APIResponse? {
        let (path, rawQuery) = asked.parts
        guard case .call(let call) = router.route(asked.method, path: path) else {
            return RouteTable.route(asked.method, path: path)?.respond(self)
        }
        guard case .snapshot(let list) = call, directory.isReady else { return nil }
        var opened: ParsedRequest?
        do throws(RosterError) {
            let request = try parse(asked, path, rawQuery, call)
            opened = request
            if request.mayHaveToWait, directory.snapshot.revision < request.leastRevision { return nil }
            switch try authenticate(request, call, asked) {
            case .caller(let caller): return try self.list(list, caller, asked)
            case .refused(let answer): return answer
            }
        } catch {
            return refused(error, call, asked, opened)
        }
    }

    /// The response to a request whose body need not be read; nil if `answer` answers it.
    func answerBeforeBody(_ asked: APIRequest) -> APIResponse? {
        let (path, rawQuery) = asked.parts
        switch router.route(asked.method, path: path) {
        case .call(let call):
            guard directory.isReady else { return starting(call, asked) }
            do throws(RosterError) {
                _ = try parse(asked, path, rawQuery, call)
                return nil
            } catch {
                return refused(error, call, asked, nil)
            }
        case .refused(let error, let action):
            if let route = RouteTable.route(asked.method, path: path) { return route.respond(self) }
            return error.code == .unknownModule ? failure(error, status: .notFound, action, asked) : nil
        }
    }

    /// Answers any request.
    /// - Parameter readBody: nil if the body is larger than `largestBody`, or ends early.
    func answer(_ asked: APIRequest, readBody: () async -> [UInt8]?) async -> APIResponse {
        let (path, rawQuery) = asked.parts
        let call: APIRouter.Call
        switch router.route(asked.method, path: path) {
        case .call(let found): call = found
        case .refused(let error, let action):
            if let route = RouteTable.route(asked.method, path: path) { return route.respond(self) }
            if error.code == .unknownAction, await readBody() == nil { return tooLarge(action, asked) }
            return failure(error, status: error.code == .unknownModule ? .notFound : .ok, action, asked)
        }
        guard directory.isReady else { return starting(call, asked) }
        var opened: ParsedRequest?
        do throws(RosterError) {
            var request = try parse(asked, path, rawQuery, call)
            guard let body = await readBody() else { return tooLarge(call.action, asked) }
            request.signed.body = body
            opened = request
            var isCounted = false
            if let signer = signerWhoMustWait(request) {
                if let answer = count(request, of: signer, call, asked) { return answer }
                isCounted = true
                try await directory.wait(for: request.leastRevision, atMost: patience)
            }
            switch try authenticate(request, call, asked, isCounted: isCounted) {
            case .caller(let caller):
                switch call {
                case .snapshot(let list): return try self.list(list, caller, asked)
                case .store(let call): return try await perform(call, caller, asked)
                }
            case .refused(let answer): return answer
            }
        } catch {
            return refused(error, call, asked, opened)
        }
    }

    // MARK: The steps of every call

    /// A request whose common parameters are well formed.
    private struct ParsedRequest {
        var signed: SignedRequest
        let common: CommonParameters
        let origin: String
        /// The least revision that the answer may show.
        let leastRevision: Revision

        /// False for most requests: then the revision of the snapshot is not read.
        var mayHaveToWait: Bool { leastRevision > .none }
    }

    private enum Authentication {
        case caller(AuthenticatedRequest)
        /// The key exceeded its rate.
        case refused(APIResponse)
    }

    private func parse(
        _ asked: APIRequest, _ path: Substring, _ rawQuery: Substring, _ call: APIRouter.Call
    ) throws(RosterError) -> ParsedRequest {
        let signed = try SignedRequest(
            method: asked.method.rawValue, path: String(path), rawQuery: String(rawQuery))
        return ParsedRequest(
            signed: signed, common: try CommonParameters(signed, needsZone: call.isRead),
            origin: limits.origin(peer: asked.peer, forwardedFor: asked.forwardedFor),
            leastRevision: try Self.leastRevision(asked.leastRevision))
    }

    /// - Throws: `invalidParameter`.
    private static func leastRevision(_ values: [String]) throws(RosterError) -> Revision {
        guard let text = values.first else { return .none }
        guard values.count == 1 else { throw .invalid("Roster-Revision", "is present twice") }
        return Revision(try ParameterParsing.count(text, name: "Roster-Revision"))
    }

    /// The signer of a request that must wait for its revision. Nil if it need not wait, or if its signature or time is
    /// invalid: it is refused without a wait. All other checks follow the wait and use the snapshot with that revision.
    private func signerWhoMustWait(_ request: ParsedRequest) -> Principal? {
        guard request.mayHaveToWait, directory.snapshot.revision < request.leastRevision else { return nil }
        return AuthenticatedRequest.signer(of: request.signed, request.common, directory: directory)
    }

    /// Counts a call.
    /// - Returns: the response of the refusal if the key exceeds its rate.
    private func count(
        _ request: ParsedRequest, of principal: Principal, _ call: APIRouter.Call, _ asked: APIRequest
    ) -> APIResponse? {
        do {
            try limits.count(request.common.accessKeyID, of: principal)
            return nil
        } catch {
            return excess(error, call.action, asked)
        }
    }

    private func authenticate(
        _ request: ParsedRequest, _ call: APIRouter.Call, _ asked: APIRequest, isCounted: Bool = false
    ) throws(RosterError) -> Authentication {
        let caller = try AuthenticatedRequest(
            request.signed, request.common, directory: directory, origin: request.origin)
        if !isCounted, let answer = count(request, of: caller.actor.principal, call, asked) { return .refused(answer) }
        return .caller(caller)
    }

    private func refused(
        _ error: RosterError, _ call: APIRouter.Call, _ asked: APIRequest, _ opened: ParsedRequest?
    ) -> APIResponse {
        // A wrong signature or password counts against the key that the request names.
        if error.code == .notAuthenticated || error.code == .passwordMismatch, let opened {
            do {
                try limits.countFailure(origin: opened.origin, name: opened.common.accessKeyID.text)
            } catch {
                return excess(error, call.action, asked)
            }
        }
        return failure(error, status: .ok, call.action, asked)
    }

    // MARK: The calls

    private func list(
        _ call: any SnapshotCall, _ caller: AuthenticatedRequest, _ asked: APIRequest
    ) throws(RosterError) -> APIResponse {
        let body = try call.body(for: caller)
        return success(call.action, body, revision: caller.snapshot.revision, asked)
    }

    private func perform(
        _ call: any StoreCall, _ caller: AuthenticatedRequest, _ asked: APIRequest
    ) async throws(RosterError) -> APIResponse {
        let body = try await call.body(for: caller)
        // A client reads its own write: the change is published by now, unless the store became unreachable meanwhile.
        let revision = call.isRead ? caller.snapshot.revision : directory.knownRevision
        return success(call.action, body, revision: revision, asked)
    }

    // MARK: Answers

    private func success(
        _ action: String, _ body: ByteBuffer, revision: Revision, _ asked: APIRequest
    ) -> APIResponse {
        if asked.logger.logLevel <= .debug {
            asked.requestLogger.debug("answered", metadata: ["action": "\(action)", "ret_code": "0"])
        }
        return APIResponse(status: .ok, revision: revision, body: body)
    }

    private func excess(_ excess: CallLimits.RateLimitExceededError, _ action: String, _ asked: APIRequest)
        -> APIResponse
    {
        var answer = failure(excess.error, status: .ok, action, asked)
        answer.retryAfter = excess.retryAfter
        return answer
    }

    private func starting(_ call: APIRouter.Call, _ asked: APIRequest) -> APIResponse {
        let error = RosterError(.busy, "the server is starting, try again")
        return failure(error, status: .serviceUnavailable, call.action, asked)
    }

    private func tooLarge(_ action: String, _ asked: APIRequest) -> APIResponse {
        let error = RosterError.invalid("body", "is larger than \(Self.largestBody) bytes, or broke off")
        return failure(error, status: Self.tooLargeStatus, action, asked)
    }

    private func failure(
        _ error: RosterError, status: HTTPResponse.Status, _ action: String, _ asked: APIRequest
    ) -> APIResponse {
        var error = error
        if error.code == .internalError {
            asked.requestLogger.error("failed", metadata: ["action": "\(action)", "cause": "\(error)"])
            error = RosterError(.internalError, "internal error, request \(asked.requestID.text)")
        }
        if asked.logger.logLevel <= .debug {
            asked.requestLogger.debug(
                "refused", metadata: ["action": "\(action)", "ret_code": "\(error.returnCode)", "reason": "\(error)"])
        }
        return plain(status) { json in
            json.string(action, for: "action")
            json.string(error.message, for: "message")
            json.key("ret_code")
            json.number(error.returnCode)
        }
    }

    /// `GET /health/ready`: whether the directory is loaded.
    func readiness() -> APIResponse {
        guard directory.isReady else { return plain(.serviceUnavailable) { $0.string("starting", for: "status") } }
        let revision = directory.snapshot.revision
        let away = directory.unreachableSince
        return plain(.ok) { json in
            json.string(away == nil ? "ready" : "read-only", for: "status")
            if let away { json.string("read-only, store unreachable since \(away)", for: "message") }
            json.key("revision")
            json.number(Int(revision.number))
        }
    }

    /// `GET /health/live`: that the server runs.
    func liveness() -> APIResponse {
        plain(.ok) { $0.string("live", for: "status") }
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
