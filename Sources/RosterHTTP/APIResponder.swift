import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Roster

/// Answers every request of the HTTP face.
///
/// The API's outcome is in the body's `ret_code`; its HTTP status is 200 whatever that is, because the vendor's SDKs throw
/// the body of any other status away. Other statuses are for what is not an API call.
struct APIResponder: HTTPResponder {
    typealias Context = APIContext

    let directory: Directory
    let router: APIRouter
    let limits: CallLimits

    /// The largest body that is read, in bytes.
    static let largestBody = 1 << 20

    func respond(to request: Request, context: Context) async throws -> Response {
        let target = request.head.path ?? ""
        let path = target.prefix { $0 != "?" }
        var response: Response
        let isAsked = request.method == .get || request.method == .head
        switch path.hasSuffix("/") ? path.dropLast() : path {
        case "/health/live" where isAsked: response = json(.ok) { $0.string("live", for: "status") }
        case "/health/ready" where isAsked: response = readiness()
        default:
            let rawQuery = target.dropFirst(path.count + 1)
            response = try await answer(request, path: path, rawQuery: String(rawQuery), context: context)
        }
        if let name = HTTPField.Name.rosterRequestID { response.headers[name] = context.requestID }
        if request.method == .head { response.body = ResponseBody() }
        return response
    }

    private func readiness() -> Response {
        guard directory.isReady else { return json(.serviceUnavailable) { $0.string("starting", for: "status") } }
        let revision = directory.snapshot.revision
        return json(.ok) { json in
            json.string("ready", for: "status")
            json.key("revision")
            json.number(Int(revision.number))
        }
    }

    private func answer(
        _ request: Request, path: Substring, rawQuery: String, context: Context
    ) async throws -> Response {
        let call: APIRouter.Call
        switch router.route(request.method, path: path) {
        case .call(let found): call = found
        case .refused(let error, let action):
            if error.code == .unknownAction, await Self.body(of: request) == nil { return tooLarge(action, context) }
            return failure(error, status: error.code == .unknownModule ? .notFound : .ok, action: action, context)
        }
        guard directory.isReady else {
            return failure(
                RosterError(.busy, "the server is starting, try again"), status: .serviceUnavailable,
                action: call.action, context)
        }
        let forwarded = HTTPField.Name.forwardedFor.map { request.headers[values: $0] } ?? []
        let origin = limits.origin(peer: context.peer, forwardedFor: forwarded)
        // Whose secret was wrong, where one was.
        var guessed: String?
        do throws(RosterError) {
            var signed = try SignedRequest(method: request.method.rawValue, path: String(path), rawQuery: rawQuery)
            let common = try CommonParameters(signed, needsZone: call.isRead)
            guard let body = await Self.body(of: request) else { return tooLarge(call.action, context) }
            signed.body = body
            guessed = common.accessKeyID.text
            let caller = try Caller(signed, common, directory: directory, origin: origin)
            do {
                try limits.count(caller.asker)
            } catch {
                return excess(error, action: call.action, context)
            }
            return try await success(call, caller, context)
        } catch {
            if error.code == .notAuthenticated || error.code == .passwordMismatch, let guessed {
                do {
                    try limits.countFailure(origin: origin, name: guessed)
                } catch {
                    return excess(error, action: call.action, context)
                }
            }
            return failure(error, status: .ok, action: call.action, context)
        }
    }

    private func excess(_ excess: CallLimits.Excess, action: String, _ context: Context) -> Response {
        var response = failure(excess.error, status: .ok, action: action, context)
        response.headers[.retryAfter] = String(excess.retryAfter)
        return response
    }

    /// Nil where the body is larger than is read, or breaks off.
    private static func body(of request: Request) async -> [UInt8]? {
        if request.headers[.contentLength] == nil, request.headers[.transferEncoding] == nil { return [] }
        guard let buffer = try? await request.body.collect(upTo: largestBody) else { return nil }
        return Array(buffer.readableBytesView)
    }

    private func success(
        _ call: APIRouter.Call, _ caller: Caller, _ context: Context
    ) async throws(RosterError) -> Response {
        var json = JSONWriter(buffer: ByteBuffer())
        var revision = caller.snapshot.revision
        switch call {
        case .listUsers(let list):
            try json.object { json throws(RosterError) in
                Self.open(&json, call)
                try list.answer(caller, into: &json)
            }
        case .listClusters(let list):
            try json.object { json throws(RosterError) in
                Self.open(&json, call)
                try list.answer(caller, into: &json)
            }
        case .listOperations(let list):
            let page = try await list.page(caller)
            json.object { json in
                Self.open(&json, call)
                ListOperations.write(page, to: &json)
            }
        case .verifyOperations(let verify):
            let outcome = try await verify.walk(caller)
            json.object { json in
                Self.open(&json, call)
                VerifyOperations.write(outcome, to: &json)
            }
        case .uidHistory(let history):
            let grant = try await history.grant(caller)
            json.object { json in
                Self.open(&json, call)
                UIDHistory.write(grant, to: &json)
            }
        case .orderCluster(let order):
            let (job, cluster) = try await order.answer(caller)
            revision = directory.snapshot.revision
            json.object { json in
                Self.open(&json, call)
                json.string(cluster.text, for: "cluster_id")
                json.string(job.text, for: "job_id")
            }
        case .orderUser(let order):
            let job = try await order.answer(caller)
            // Who wrote, reads it: by now the change is published.
            revision = directory.snapshot.revision
            json.object { json in
                Self.open(&json, call)
                json.string(job.text, for: "job_id")
            }
        }
        context.logger.debug("answered", metadata: ["action": "\(call.action)", "ret_code": "0"])
        return Self.response(.ok, json.buffer, revision: revision)
    }

    private static func open(_ json: inout JSONWriter, _ call: APIRouter.Call) {
        json.string(call.action, for: "action")
        json.key("ret_code")
        json.number(0)
    }

    private func failure(
        _ error: RosterError, status: HTTPResponse.Status, action: String, _ context: Context
    ) -> Response {
        var error = error
        if error.code == .internalError {
            context.logger.error("failed", metadata: ["action": "\(action)", "cause": "\(error)"])
            error = RosterError(.internalError, "internal error, request \(context.requestID)")
        }
        context.logger.debug(
            "refused", metadata: ["action": "\(action)", "ret_code": "\(error.returnCode)", "reason": "\(error)"])
        let response = json(status) { json in
            json.string(action, for: "action")
            json.string(error.message, for: "message")
            json.key("ret_code")
            json.number(error.returnCode)
        }
        return response
    }

    private func tooLarge(_ action: String, _ context: Context) -> Response {
        failure(
            .invalid("body", "is larger than \(Self.largestBody) bytes, or broke off"), status: .contentTooLarge,
            action: action, context)
    }

    private func json(_ status: HTTPResponse.Status, _ members: (inout JSONWriter) -> Void) -> Response {
        var json = JSONWriter(buffer: ByteBuffer())
        json.object(members)
        return Self.response(status, json.buffer, revision: directory.snapshot.revision)
    }

    private static func response(_ status: HTTPResponse.Status, _ body: ByteBuffer, revision: Revision) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let name = HTTPField.Name.rosterRevision { headers[name] = revision.description }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}

extension JSONWriter {
    fileprivate mutating func string(_ value: String, for name: StaticString) {
        key(name)
        string(value)
    }
}

extension HTTPField.Name {
    /// The revision that an answer shows.
    static let rosterRevision = HTTPField.Name("Roster-Revision")
    /// The addresses that proxies say a request came through.
    static let forwardedFor = HTTPField.Name("X-Forwarded-For")
    /// What the log's lines about the request bear.
    static let rosterRequestID = HTTPField.Name("Roster-Request-Id")
}
