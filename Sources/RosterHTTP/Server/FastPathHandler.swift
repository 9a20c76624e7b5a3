import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import RosterDirectory
import RosterModel
import RosterStore

/// Answers lists on the event loop, from the snapshot, and passes every other request on to Hummingbird.
///
/// It answers a request only while no earlier request of the connection waits for its response, so that responses leave in
/// the order of their requests. It also closes an idle connection, because Hummingbird sees only some of the requests.
final class FastPathHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let handler: APIHandler
    private let gate: RawResponseWriter
    private let idleTimeout: TimeAmount
    private let logger: Logger
    private var peer = "-"
    private var date = HTTPDate()
    /// How many requests were passed on and have no response yet.
    private var waiting = 0
    /// Whether the head of a request was passed on, and not yet its end.
    private var isPassingOn = false
    /// The head of a request whose end is awaited.
    private var head: HTTPRequestHead?
    /// When the last part of a request was received or the last response was sent. Bytes of an incomplete head are no
    /// part: a client cannot keep a connection open with them.
    private var lastActivity = NIODeadline.now()
    /// Whether the present read holds a part of a request.
    private var hasReadPart = false
    private var idleCheck: Scheduled<Void>?

    /// - Parameters:
    ///   - gate: the writer of the same connection.
    ///   - idleTimeout: how long a connection may be silent while no request waits for its response.
    init(handler: APIHandler, gate: RawResponseWriter, idleTimeout: TimeAmount, logger: Logger) {
        self.handler = handler
        self.gate = gate
        self.idleTimeout = idleTimeout
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        peer = context.remoteAddress?.ipAddress ?? "-"
        lastActivity = context.eventLoop.now
        checkSilence(in: idleTimeout, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        idleCheck?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasReadPart = true
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
            if !answer(head) {
                waiting += 1
                context.fireChannelRead(wrapInboundOut(.head(head)))
                context.fireChannelRead(data)
            }
        }
    }

    /// Whether the head allows an answer here: GET by HTTP/1.1, without a body, on a connection that is kept alive.
    private static func mayAnswer(_ head: HTTPRequestHead) -> Bool {
        guard head.method == .GET, head.version == .http1_1, head.isKeepAlive else { return false }
        for (name, _) in head.headers {
            switch name.utf8.count {
            case 14 where name.lowercased() == "content-length": return false
            case 17 where name.lowercased() == "transfer-encoding": return false
            default: continue
            }
        }
        return true
    }

    private func answer(_ head: HTTPRequestHead) -> Bool {
        let asked = APIRequest(
            method: .get, target: head.uri, peer: peer, forwardedFor: head.headers["X-Forwarded-For"],
            leastRevision: head.headers["Roster-Revision"], requestID: RequestID(), logger: logger)
        guard let answer = handler.answerAtOnce(asked) else { return false }
        gate.send(answer, to: asked, date: date.text(at: handler.directory.now))
        return true
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasReadPart { lastActivity = context.eventLoop.now }
        hasReadPart = false
        // The responses to all requests of one read are flushed together.
        context.flush()
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            waiting -= 1
            lastActivity = context.eventLoop.now
        }
        context.write(data, promise: promise)
    }

    private func checkSilence(in time: TimeAmount, _ context: ChannelHandlerContext) {
        idleCheck = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            let silence = context.eventLoop.now - lastActivity
            // A connection is not idle while a complete request waits. It is while a request is incomplete.
            if waiting > 0, !isPassingOn {
                checkSilence(in: idleTimeout, context)
            } else if silence >= idleTimeout {
                context.close(promise: nil)
            } else {
                checkSilence(in: idleTimeout - silence, context)
            }
        }
    }
}

/// Writes a response of `FastPathHandler` as bytes, past the encoder: one buffer holds head and body.
final class RawResponseWriter: ChannelOutboundHandler {
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// Writes a response (RFC 9112). The caller flushes.
    func send(_ answer: APIResponse, to asked: APIRequest, date: String) {
        guard let context else { return }
        var bytes = context.channel.allocator.buffer(capacity: answer.body.readableBytes + 320)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(answer.status.code))
        bytes.writeStaticString(" ")
        bytes.writeString(answer.status.reasonPhrase)
        bytes.writeStaticString("\r\nContent-Length: ")
        bytes.writeString(String(answer.body.readableBytes))
        answer.forEachHeader(requestID: asked.requestID) { name, value in
            bytes.writeStaticString("\r\n")
            bytes.writeStaticString(name)
            bytes.writeStaticString(": ")
            bytes.writeString(value)
        }
        bytes.writeStaticString("\r\nDate: ")
        bytes.writeString(date)
        bytes.writeStaticString("\r\nServer: roster\r\n\r\n")
        bytes.writeImmutableBuffer(answer.body)
        context.write(wrapOutboundOut(bytes), promise: nil)
    }
}
