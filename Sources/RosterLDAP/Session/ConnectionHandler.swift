import NIOCore
import NIOSSL
import NIOTLS
import RosterDirectory
import RosterModel
import RosterSnapshot

/// One connection: its bytes in and out, and the order of its requests.
///
/// Everything happens on the connection's event loop. A look-up is answered where it is read, and what is answered in one
/// turn leaves in one write. A long search runs in turns, between which other connections are served, and waits while the
/// client does not read. While something runs, further requests wait in a queue of bounded length, and beyond that
/// nothing is read.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How many bytes of answers are gathered before they are handed on.
    private static let chunkBytes = 64 * 1024
    /// How many candidates one turn looks at.
    private static let candidatesPerTurn = 4096

    var session: Session
    private let processor: NIOSingleStepByteToMessageProcessor<MessageDecoder>
    var writer = ResponseWriter(buffer: ByteBuffer())
    var running: Running?
    private var waiting: [LDAPMessage] = []
    private var isReading = false
    private var wantsRead = false
    private var isClosing = false
    /// Whether a handshake is the next thing that may come.
    private var awaitsHandshake = false
    private var hasUnflushed = false
    private var stallTimer: Scheduled<Void>?
    private let idleWatch: IdleWatch

    enum Running {
        case search(RunningSearch)
        case bind(Session.PasswordBind)
        case change
    }

    init(session: Session) {
        self.session = session
        idleWatch = IdleWatch(limit: session.server.settings.idleTime)
        processor = NIOSingleStepByteToMessageProcessor(
            MessageDecoder(maximumBytes: session.server.settings.maximumMessageBytes))
    }

    // MARK: The time

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { watch(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        watch(context)
        context.fireChannelActive()
    }

    private func watch(_ context: ChannelHandlerContext) {
        idleWatch.start(on: context.eventLoop) { [weak self] in
            // Who waits for an answer is not idle.
            guard let self, self.running == nil, self.waiting.isEmpty else { return }
            self.disconnect(.unavailable, "nothing was asked for too long", context)
        }
    }

    // MARK: Bytes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        isReading = true
        idleWatch.note(context.eventLoop)
        do {
            try processor.process(buffer: unwrapInboundIn(data)) { receive($0, context) }
            // What comes in clear behind the request to encrypt may be somebody else's: RFC 4511 section 4.14.1.
            if awaitsHandshake, processor.unprocessedBytes > 0 { disconnect(.protocolError, "no handshake", context) }
        } catch {
            let fault = error as? BERError
            disconnect(.protocolError, fault?.reason ?? "the message cannot be read", context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush(context)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isFull(context) {
            wantsRead = true
        } else {
            context.read()
        }
    }

    /// Whether nothing more is to be read: enough waits, or the client does not take its answers.
    private func isFull(_ context: ChannelHandlerContext) -> Bool {
        waiting.count >= session.server.settings.maximumOutstanding || !context.channel.isWritable
    }

    private func readAgain(_ context: ChannelHandlerContext) {
        guard wantsRead, !isFull(context), !isClosing else { return }
        wantsRead = false
        context.read()
    }

    // MARK: Requests

    private func receive(_ message: LDAPMessage, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        guard !awaitsHandshake else {
            disconnect(.protocolError, "a handshake was expected", context)
            return
        }
        switch message.request {
        case .abandon(let id): abandon(id)
        case .unbind: close(context)
        default:
            // An answer may be many times as long as its request: none is made that the client does not take.
            if running == nil, waiting.isEmpty, context.channel.isWritable {
                start(message, context)
            } else {
                waiting.append(message)
            }
        }
    }

    /// An abandoned request is never answered (RFC 4511 section 4.11). A bind cannot be abandoned.
    private func abandon(_ id: Int32) {
        if case .search(let search) = running, search.id == id { running = nil }
        waiting.removeAll { message in
            guard message.id == id else { return false }
            switch message.request {
            case .search, .compare: return true
            default: return false
            }
        }
    }

    private func start(_ message: LDAPMessage, _ context: ChannelHandlerContext) {
        switch session.take(message, writer: &writer) {
        case .done: break
        case .search(let search): advance(search, context)
        case .judge(let bind):
            running = .bind(bind)
            judge(bind, context)
        case .change(let change):
            running = .change
            execute(change, context)
        case .startTLS: startTLS(context)
        case .close: close(context)
        case .closeAfterAnswer:
            isClosing = true
            flush(context)
            close(context)
        }
        if writer.buffer.readableBytes >= Self.chunkBytes { write(context) }
    }

    /// Goes on with what waits, once nothing runs any more.
    func resumeQueue(_ context: ChannelHandlerContext) {
        while running == nil, !waiting.isEmpty, !isClosing, !awaitsHandshake, context.channel.isWritable {
            start(waiting.removeFirst(), context)
        }
        if awaitsHandshake, !waiting.isEmpty { disconnect(.protocolError, "a handshake was expected", context) }
        if !isReading { flush(context) }
        readAgain(context)
    }

    // MARK: Searching

    /// One turn of a search, which runs on where it must wait. Nearly every one ends here.
    private func advance(_ started: consuming RunningSearch, _ context: ChannelHandlerContext) {
        var search = started
        var budget = Self.candidatesPerTurn
        while true {
            guard NIODeadline.now() < search.deadline else {
                finish(search, .timeLimitExceeded, context)
                return
            }
            let progress = search.search.advance(
                search.id, into: &writer, bytes: Self.chunkBytes, budget: &budget, entries: &search.entriesLeft)
            switch progress {
            case .finished:
                finish(search, .success, context)
                return
            case .sizeLimitExceeded:
                finish(search, .sizeLimitExceeded, context)
                return
            case .paused where search.entriesLeft == 0:
                writer.result(search.id, .search, .success, page: session.keep(search.search))
                return
            case .paused: break
            }
            if writer.buffer.readableBytes >= Self.chunkBytes {
                flush(context)
                guard !isClosing else { return }
                guard context.channel.isWritable else {
                    // It goes on when the client has read.
                    running = .search(search)
                    return
                }
            }
            if budget <= 0 {
                flush(context)
                guard !isClosing else { return }
                running = .search(search)
                later(context) { handler, context in handler.resume(context) }
                return
            }
        }
    }

    private func finish(_ search: borrowing RunningSearch, _ code: ResultCode, _ context: ChannelHandlerContext) {
        writer.result(
            search.id, .search, code,
            page: search.pageSize != nil && code == .success ? PagedResults(size: 0) : nil)
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard context.channel.isWritable, !isClosing else { return }
        if case .search(let search) = running {
            running = nil
            advance(search, context)
        }
        resumeQueue(context)
    }

    private func later(
        _ context: ChannelHandlerContext, _ body: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
    ) {
        context.eventLoop.assumeIsolated().execute { [weak self] in
            guard let self, context.channel.isActive else { return }
            body(self, context)
        }
    }

    // MARK: Encrypting

    private func startTLS(_ context: ChannelHandlerContext) {
        guard let tls = session.server.settings.tls else { return }
        awaitsHandshake = true
        flush(context)
        do {
            try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
        } catch {
            close(context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            awaitsHandshake = false
            session.isEncrypted = true
        }
        if event is ShutdownEvent {
            disconnect(.unavailable, "the server is stopping", context)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(context)
    }

    // MARK: Bytes out

    private func write(_ context: ChannelHandlerContext) {
        guard writer.buffer.readableBytes > 0 else { return }
        hasUnflushed = true
        context.write(wrapOutboundOut(writer.take(allocator: context.channel.allocator)), promise: nil)
    }

    private func flush(_ context: ChannelHandlerContext) {
        write(context)
        guard hasUnflushed else { return }
        hasUnflushed = false
        context.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stallTimer?.cancel()
            stallTimer = nil
            // Not here: this may be called from within a write.
            later(context) { handler, context in handler.resume(context) }
        } else if stallTimer == nil {
            let stallTime = session.server.settings.stallTime
            let channel = context.channel
            stallTimer = context.eventLoop.scheduleTask(in: stallTime) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: The end

    private func disconnect(_ code: ResultCode, _ message: String, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        // In clear, where a handshake was expected, this is noise to the client; it is closed all the same.
        writer.disconnection(code, message)
        flush(context)
        close(context)
    }

    private func close(_ context: ChannelHandlerContext) {
        isClosing = true
        running = nil
        waiting = []
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosing = true
        running = nil
        waiting = []
        idleWatch.stop()
        stallTimer?.cancel()
        stallTimer = nil
        context.fireChannelInactive()
    }
}
