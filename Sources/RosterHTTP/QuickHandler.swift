import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import Roster

/// Answers lists on the event loop, where the answer is in memory, and passes every other request on.
///
/// It stands where requests are decoded, in front of Hummingbird. A request is its own only while no other of the
/// connection waits for its answer, so that answers leave in the order of their requests.
final class QuickHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let desk: APIDesk
    private let logger: Logger
    private var peer = "-"
    private var date = HTTPDate()
    /// Requests that were passed on and have no answer yet.
    private var waiting = 0
    /// Whether the head of a request was passed on, and not yet its end.
    private var isPassingOn = false
    /// The head of a request whose end is awaited.
    private var head: HTTPRequestHead?

    init(desk: APIDesk, logger: Logger) {
        self.desk = desk
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        peer = context.remoteAddress?.ipAddress ?? "-"
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where waiting == 0 && Self.mayAnswer(head): self.head = head
        case .head:
            waiting += 1
            isPassingOn = true
            context.fireChannelRead(data)
        case .body:
            context.fireChannelRead(data)
        case .end:
            guard let head else {
                isPassingOn = false
                context.fireChannelRead(data)
                return
            }
            self.head = nil
            if !answer(head, context) {
                waiting += 1
                context.fireChannelRead(wrapInboundOut(.head(head)))
                context.fireChannelRead(data)
            }
        }
    }

    /// Whether a request may be answered here, whatever it asks: a plain one without a body, on a connection that stays.
    private static func mayAnswer(_ head: HTTPRequestHead) -> Bool {
        head.method == .GET && head.version == .http1_1 && head.isKeepAlive
            && !head.headers.contains { name, _ in
                name.utf8.count == 14 && name.lowercased() == "content-length"
                    || name.utf8.count == 17 && name.lowercased() == "transfer-encoding"
            }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
        let asked = Asked(
            method: .get, target: head.uri, peer: peer, forwardedFor: head.headers["X-Forwarded-For"],
            requestID: RequestID(), logger: logger)
        guard let answer = desk.answerAtOnce(asked) else { return false }
        var headers = HTTPHeaders()
        headers.reserveCapacity(7)
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: String(answer.body.readableBytes))
        headers.add(name: "Roster-Revision", value: answer.revision.description)
        headers.add(name: "Roster-Request-Id", value: asked.requestID.text)
        if let seconds = answer.retryAfter { headers.add(name: "Retry-After", value: String(seconds)) }
        headers.add(name: "Date", value: date.text(at: desk.directory.now))
        headers.add(name: "Server", value: HTTPFace.serverName)
        let responseHead = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: answer.status.code), headers: headers)
        context.write(wrapOutboundOut(.head(responseHead)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        return true
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // What was answered to all requests of one read leaves together.
        context.flush()
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { waiting -= 1 }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            // A request that takes long is not idle, one that does not arrive is.
            if waiting == 0 || isPassingOn { context.close(promise: nil) }
            return
        }
        context.fireUserInboundEventTriggered(event)
    }
}
