import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import RosterDirectory
import RosterModel
import RosterStore

/// Answers lists on the event loop, where the answer is in memory, and passes every other request on.
///
/// It stands where requests are decoded, in front of Hummingbird. A request is its own only while no other of the
/// connection waits for its answer, so that answers leave in the order of their requests. It also closes a connection that
/// is silent for too long, because what is behind it sees only some of the requests.
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
    /// Requests that were passed on and have no answer yet.
    private var waiting = 0
    /// Whether the head of a request was passed on, and not yet its end.
    private var isPassingOn = false
    /// The head of a request whose end is awaited.
    private var head: HTTPRequestHead?
    private var lastSign = NIODeadline.now()
    private var idleCheck: Scheduled<Void>?

    /// - Parameters:
    ///   - gate: of the same connection.
    ///   - idleTimeout: how long a connection may be silent while nothing is asked.
    init(handler: APIHandler, gate: RawResponseWriter, idleTimeout: TimeAmount, logger: Logger) {
        self.handler = handler
        self.gate = gate
        self.idleTimeout = idleTimeout
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        peer = context.remoteAddress?.ipAddress ?? "-"
        checkSilence(in: idleTimeout, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        idleCheck?.cancel()
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
            if !answer(head) {
                waiting += 1
                context.fireChannelRead(wrapInboundOut(.head(head)))
                context.fireChannelRead(data)
            }
        }
    }

    /// Whether a request may be answered here, whatever it asks: a plain one without a body, on a connection that stays.
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
        lastSign = .now()
        // What was answered to all requests of one read leaves together.
        context.flush()
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            waiting -= 1
            lastSign = .now()
        }
        context.write(data, promise: promise)
    }

    private func checkSilence(in time: TimeAmount, _ context: ChannelHandlerContext) {
        idleCheck = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            let silence = NIODeadline.now() - lastSign
            // A request that takes long is no silence, one that does not arrive is.
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

/// Where an answer that was made at once leaves, as bytes: beyond the encoder, which would take it apart and put it together
/// again.
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

    /// Writes an answer (RFC 9112); whoever calls this flushes.
    func send(_ answer: APIResponse, to asked: APIRequest, date: String) {
        guard let context else { return }
        var bytes = context.channel.allocator.buffer(capacity: answer.body.readableBytes + 320)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(answer.status.code))
        bytes.writeStaticString(" ")
        bytes.writeString(answer.status.reasonPhrase)
        bytes.writeStaticString("\r\nContent-Type: application/json\r\nContent-Length: ")
        bytes.writeString(String(answer.body.readableBytes))
        bytes.writeStaticString("\r\nRoster-Revision: ")
        bytes.writeString(String(answer.revision.number))
        bytes.writeStaticString("\r\nRoster-Request-Id: ")
        bytes.writeString(asked.requestID.text)
        if let seconds = answer.retryAfter {
            bytes.writeStaticString("\r\nRetry-After: ")
            bytes.writeString(String(seconds))
        }
        bytes.writeStaticString("\r\nDate: ")
        bytes.writeString(date)
        bytes.writeStaticString("\r\nServer: roster\r\n\r\n")
        bytes.writeImmutableBuffer(answer.body)
        context.write(wrapOutboundOut(bytes), promise: nil)
    }
}
