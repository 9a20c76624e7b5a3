import HTTPTypes
import Hummingbird
import NIOCore
import RosterModel
import RosterStore

/// Answers, behind Hummingbird, each request that `FastPathHandler` passes on.
struct APIResponder: HTTPResponder {
    typealias Context = APIContext

    let handler: APIHandler

    func respond(to request: Request, context: Context) async throws -> Response {
        let forwarded = HTTPField.Name.forwardedFor.map { request.headers[values: $0] } ?? []
        let least = HTTPField.Name.rosterRevision.map { request.headers[values: $0] } ?? []
        let asked = APIRequest(
            method: request.method, target: request.head.path ?? "", peer: context.peer, forwardedFor: forwarded,
            leastRevision: least,
            requestID: RequestID(), logger: context.logger)
        let answer: APIResponse
        let path = asked.parts.path
        let isAsked = request.method == .get || request.method == .head
        switch path.hasSuffix("/") ? path.dropLast() : path {
        case "/health/live" where isAsked: answer = handler.liveness()
        case "/health/ready" where isAsked: answer = handler.readiness()
        default: answer = await handler.answer(asked) { await Self.body(of: request) }
        }
        var response = Response(answer, to: asked)
        if request.method == .head { response.body = ResponseBody() }
        return response
    }

    /// Nil if the body is larger than `APIHandler.largestBody`, or ends early.
    private static func body(of request: Request) async -> [UInt8]? {
        if request.headers[.contentLength] == nil, request.headers[.transferEncoding] == nil { return [] }
        guard let buffer = try? await request.body.collect(upTo: APIHandler.largestBody) else { return nil }
        return Array(buffer.readableBytesView)
    }
}

extension Response {
    fileprivate init(_ answer: APIResponse, to asked: APIRequest) {
        var headers = HTTPFields()
        answer.forEachHeader(requestID: asked.requestID) { name, value in
            guard let name = HTTPField.Name(name.description) else { return }
            headers[name] = value
        }
        self.init(status: answer.status, headers: headers, body: ResponseBody(byteBuffer: answer.body))
    }
}

extension HTTPField.Name {
    /// In a request the least revision that its response may show.
    static let rosterRevision = HTTPField.Name("Roster-Revision")
    /// The addresses that a request came through, as its proxies report them.
    static let forwardedFor = HTTPField.Name("X-Forwarded-For")
}
