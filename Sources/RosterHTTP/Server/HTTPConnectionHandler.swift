import Glibc
import HTTPTypes
import Logging
import NIOCore
import NIOExtras
import NIOHTTP1
import RosterDirectory
import RosterServing

/// Serves one HTTP connection: it carries out the actions of `HTTPConnectionState`.
///
/// Requests that `answerBeforeBody` or `answerAtOnce` can answer are answered on the event loop. Every other request is
/// answered in a task.
final class HTTPConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let handler: APIHandler
    private let idleTimeout: TimeAmount
    private let logger: Logger
    private var state = HTTPConnectionState(largestBody: APIHandler.largestBody)
    private var peer = "-"
    private var date = HTTPDate()
    /// Whether `mayRead` deferred a read.
    private var isReadDue = false
    /// When the last part of a request was received or the last response was sent. Bytes of an incomplete head do not
    /// count, so a client cannot keep a connection open with them.
    private var lastActivity = NIODeadline.now()
    /// Whether the current read contains a part of a request.
    private var hasReadPart = false
    private var idleCheck: Scheduled<Void>?
    /// How many bytes of a body are held, reserved from the budget.
    private var heldBytes = 0
    private var bodyDeadline: Scheduled<Void>?

    private var headDeadline: Scheduled<Void>?
    private let client = ClientPresence()
    /// How many bytes are reserved for input that waits while a request is being answered.
    private var waitingBytes = 0

    /// About how many bytes a head takes in memory.
    private static let bytesPerWaitingPart = 1024

    /// How long a head may take to arrive after its first bytes, and a body after its head.
    private static let partTimeout = TimeAmount.seconds(30)

    /// - Parameter idleTimeout: how long a connection may be silent while no request is being answered.
    init(handler: APIHandler, idleTimeout: TimeAmount, logger: Logger) {
        self.handler = handler
        self.idleTimeout = idleTimeout
        self.logger = logger
    }

    /// Adds the handlers of a connection: to a plain one, or after the handlers that decrypt it.
    static func configure(
        _ channel: any Channel, handler: APIHandler, idleTimeout: TimeAmount, logger: Logger
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 80 * 1024
        limits.maxHeaderListSize = 80 * 1024
        limits.maxHeaderFieldCount = 1000
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
        try pipeline.addHandler(
            HTTPConnectionHandler(handler: handler, idleTimeout: idleTimeout, logger: logger))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        peer = context.remoteAddress?.ipAddress ?? "-"
        lastActivity = context.eventLoop.now
        checkSilence(in: idleTimeout, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        idleCheck?.cancel()
        headDeadline?.cancel()
        client.leave()
        endBody()
        handler.waitingBudget.release(waitingBytes)
        waitingBytes = 0
    }

    func channelInactive(context: ChannelHandlerContext) {
        client.leave()
        context.fireChannelInactive()
    }

    // MARK: What arrives

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasReadPart = true
        let part = unwrapInboundIn(data)
        if case .body(let bytes) = part, state.isReadingBody {
            guard handler.bodyBudget.reserve(bytes.readableBytes) else {
                return refuse("503 Service Unavailable\r\nRetry-After: 1", action: state.abandon(), context: context)
            }
            heldBytes += bytes.readableBytes
        }
        receive(.part(part), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasReadPart {
            lastActivity = context.eventLoop.now
            headDeadline?.cancel()
            headDeadline = nil
        } else if headDeadline == nil, state.isAwaitingHead {
            // Bytes arrived that do not complete a head.
            headDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.partTimeout) { [self] in
                guard state.isAwaitingHead else { return }
                refuse("408 Request Timeout", action: state.abandon(), context: context)
            }
        }
        hasReadPart = false
        // The responses to all requests of one read are flushed together.
        context.flush()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // After other errors too, complete requests are answered before the connection closes.
        receive(error is HTTPParserError ? .malformed : .inputClosed, context)
        context.flush()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            receive(.inputClosed, context)
            context.flush()
        case is ChannelShouldQuiesceEvent: perform(state.stop(), context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func receive(_ input: HTTPConnectionState.Input, _ context: ChannelHandlerContext) {
        perform(state.receive(input), context)
        performWaiting(context)
        reserveWaiting(context)
    }

    /// Reserves memory for the input that waits. If the connections together have used it up, this one is closed.
    private func reserveWaiting(_ context: ChannelHandlerContext) {
        let wanted = state.waitingCount * Self.bytesPerWaitingPart
        if wanted <= waitingBytes {
            handler.waitingBudget.release(waitingBytes - wanted)
        } else if !handler.waitingBudget.reserve(wanted - waitingBytes) {
            handler.waitingBudget.release(waitingBytes)
            waitingBytes = 0
            return context.close(promise: nil)
        }
        waitingBytes = wanted
    }

    private func performWaiting(_ context: ChannelHandlerContext) {
        while let action = state.next() { perform(action, context) }
        if state.waitingCount == 0, waitingBytes > 0 {
            handler.waitingBudget.release(waitingBytes)
            waitingBytes = 0
        }
    }

    // MARK: Back-pressure

    func read(context: ChannelHandlerContext) {
        guard state.mayRead else {
            isReadDue = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        state.isWritable = context.channel.isWritable
        if state.isWritable {
            performWaiting(context)
            context.flush()
        }
        readIfDue(context)
        context.fireChannelWritabilityChanged()
    }

    private func readIfDue(_ context: ChannelHandlerContext) {
        guard isReadDue, state.mayRead else { return }
        isReadDue = false
        context.read()
    }

    // MARK: Actions

    private func perform(_ action: HTTPConnectionState.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none: break
        case .beginBody(let head, let expectsContinue):
            var request = APIRequest(head, peer: peer, logger: logger)
            request.client = client
            if let response = handler.answerBeforeBody(request) {
                state.answerBeforeBody()
                send(response, to: request, context: context)
                return
            }
            beginBody(context)
            if expectsContinue {
                context.writeAndFlush(
                    wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
            }
        case .answer(let head, let body):
            var request = APIRequest(head, peer: peer, logger: logger)
            request.client = client
            if let body, body.readableBytes == 0, let response = handler.answerAtOnce(request) {
                send(response, to: request, context: context)
            } else {
                answer(request, body: body, context: context)
            }
        case .refuse(let refusal): refuse(refusal.rawValue, action: .closeOutput, context: context)
        case .closeOutput: closeOutput(context)
        case .close:
            // Responses already written are sent first.
            context.flush()
            context.close(promise: nil)
        }
    }

    /// Responds with a status and no body.
    /// - Parameter status: code and phrase, and further headers.
    private func refuse(_ status: String, action: HTTPConnectionState.Action, context: ChannelHandlerContext) {
        context.write(
            wrapOutboundOut(
                ByteBuffer(string: "HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")),
            promise: nil)
        if let log = handler.accessLog {
            let code = Int(status.prefix { $0 != " " }) ?? 0
            log.record(.init(time: Glibc.time(nil), client: peer, status: code, bytes: 0))
        }
        perform(action, context)
    }

    private func beginBody(_ context: ChannelHandlerContext) {
        bodyDeadline?.cancel()
        bodyDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.partTimeout) { [self] in
            guard state.isReadingBody else { return }
            refuse("408 Request Timeout", action: state.abandon(), context: context)
        }
    }

    /// Releases the body of the current request.
    private func endBody() {
        bodyDeadline?.cancel()
        bodyDeadline = nil
        handler.bodyBudget.release(heldBytes)
        heldBytes = 0
    }

    /// Answers in a task.
    private func answer(_ request: APIRequest, body: ByteBuffer?, context: ChannelHandlerContext) {
        let connection = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let handler = handler
        Task {
            let response = await handler.answer(request) { body.map { Array($0.readableBytesView) } }
            eventLoop.execute {
                let (connection, context) = connection.value
                guard context.channel.isActive else { return }
                connection.send(response, to: request, context: context)
                connection.lastActivity = context.eventLoop.now
                connection.performWaiting(context)
                context.flush()
                connection.readIfDue(context)
            }
        }
    }

    /// Writes a response. The caller flushes.
    private func send(_ response: APIResponse, to request: APIRequest, context: ChannelHandlerContext) {
        let (bytes, body) = response.encoded(
            for: request, date: date.text(at: handler.directory.now), isLast: state.isBodyDeclined,
            allocator: context.channel.allocator)
        context.write(wrapOutboundOut(bytes), promise: nil)
        if let body { context.write(wrapOutboundOut(body), promise: nil) }
        if let log = handler.accessLog { log.record(.init(response, to: request, limits: handler.limits)) }
        endBody()
        perform(state.responseWritten(), context)
    }

    /// Closes the output, so that the client reads everything sent before it sees the end.
    private func closeOutput(_ context: ChannelHandlerContext) {
        context.flush()
        context.close(mode: .output, promise: nil)
    }

    private func checkSilence(in time: TimeAmount, _ context: ChannelHandlerContext) {
        idleCheck = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            let silence = context.eventLoop.now - lastActivity
            // A connection is idle while a request is incomplete, but not while a complete request is being answered.
            if !state.isWaitingForClient {
                checkSilence(in: idleTimeout, context)
            } else if silence >= idleTimeout {
                context.close(promise: nil)
            } else {
                checkSilence(in: idleTimeout - silence, context)
            }
        }
    }
}

extension AccessLog.Entry {
    /// A response to a request. The client is the one that a trusted proxy reports.
    fileprivate init(_ response: APIResponse, to request: APIRequest, limits: CallLimits) {
        self.init(
            time: Glibc.time(nil), client: limits.origin(peer: request.peer, forwardedFor: request.forwardedFor),
            request: (request.method.rawValue, request.target, request.isHTTP10 ? "HTTP/1.0" : "HTTP/1.1"),
            status: response.status.code, bytes: request.method == .head ? 0 : response.body.readableBytes,
            referer: request.headers.first(name: "Referer"), agent: request.headers.first(name: "User-Agent"))
    }
}
