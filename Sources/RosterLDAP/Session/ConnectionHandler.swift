import NIOCore
import NIOTLS
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot

/// One connection: carries out on its channel what `LDAPConnectionState` and `Session` decide.
///
/// Everything happens on the connection's event loop. A look-up is answered as soon as it is read, and all responses of
/// one turn leave in one write. A long search runs in turns, so that other connections are served in between, and
/// pauses while the client does not read. While an operation runs, further requests wait in a queue of bounded length;
/// when it is full, reading pauses.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How many bytes of responses are collected before they are written to the channel.
    private static let chunkBytes = 64 * 1024
    /// How long one turn takes, and how much work (`EntrySearch.advance`) is done between two readings of the clock.
    private static let turnTime = TimeAmount.milliseconds(4)
    private static let workPerSlice = 256
    /// The pause between two turns, in which the event loop serves other connections.
    private static let turnPause = TimeAmount.microseconds(100)

    var session: Session
    var state: LDAPConnectionState
    var writer = ResponseWriter(buffer: ByteBuffer())
    /// Small until the client is bound.
    private let limit: MessageDecoder.Limit
    private let processor: NIOSingleStepByteToMessageProcessor<MessageDecoder>
    /// The current search, between two of its turns.
    private var pausedSearch: RunningSearch?
    private var idleTimer: Scheduled<Void>?
    private var stallTimer: Scheduled<Void>?

    init(session: Session) {
        self.session = session
        let settings = session.server.settings
        state = LDAPConnectionState(idleTime: settings.idleTime, maximumQueued: settings.maximumOutstanding)
        writer.metrics = settings.metrics
        limit = MessageDecoder.Limit(min(settings.maximumUnboundBytes, settings.maximumMessageBytes))
        processor = NIOSingleStepByteToMessageProcessor(MessageDecoder(limit))
    }

    // MARK: Time

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { becameActive(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        becameActive(context)
        context.fireChannelActive()
    }

    private func becameActive(_ context: ChannelHandlerContext) {
        guard idleTimer == nil else { return }
        state.becameActive(at: context.eventLoop.now)
        startIdleTimer(in: session.server.settings.idleTime, context)
    }

    /// NIO's `IdleStateHandler` does not fit: it uses the system's clock instead of the event loop's, and does not know
    /// whether a client waits for a response.
    private func startIdleTimer(in delay: TimeAmount, _ context: ChannelHandlerContext) {
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            let (action, next) = self.state.idleTimerFired(at: context.eventLoop.now)
            self.startIdleTimer(in: next, context)
            self.perform(action, context)
        }
    }

    // MARK: Bytes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state.bytesReceived(at: context.eventLoop.now) else { return }
        let settings = session.server.settings
        limit.maximumBytes =
            session.identity == .anonymous
            ? min(settings.maximumUnboundBytes, settings.maximumMessageBytes) : settings.maximumMessageBytes
        do {
            try processor.process(buffer: unwrapInboundIn(data)) { message in
                perform(state.messageReceived(message), context)
            }
            perform(state.messagesDecoded(unprocessedBytes: processor.unprocessedBytes), context)
        } catch {
            let reason = (error as? BERError)?.reason ?? "the message cannot be read"
            perform(state.decodingFailed(reason), context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        state.readCompleted()
        flush(context)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if state.readRequested() { context.read() }
    }

    // MARK: Requests

    private func perform(_ action: LDAPConnectionState.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .none: break
        case .handle(let message): handle(message, context)
        case .dropSearch: pausedSearch = nil
        case .close: close(context)
        case .disconnect(let code, let reason):
            // If a TLS handshake was expected, this cleartext is noise to the client, which is disconnected anyway.
            writer.disconnection(code, reason)
            flush(context)
            close(context)
        }
    }

    private func handle(_ message: LDAPMessage, _ context: ChannelHandlerContext) {
        if writer.metrics != nil { writer.operationStart = .now() }
        switch session.handle(message, writer: &writer) {
        case .done: break
        case .search(let search): runTurn(of: search, context)
        case .verifyPassword(let bind):
            state.operationStarted(.bind)
            verifyPassword(of: bind, context)
        case .modifyPassword(let change):
            state.operationStarted(.passwordModify)
            execute(change, context)
        case .startTLS: startTLS(context)
        case .close: perform(state.close(), context)
        case .closeAfterResponse:
            let action = state.close()
            flush(context)
            perform(action, context)
        }
        if writer.buffer.readableBytes >= Self.chunkBytes { write(context) }
    }

    /// Handles the queued requests, once no operation is running.
    func resumeQueue(_ context: ChannelHandlerContext) {
        while true {
            let action = state.nextRequest()
            if case .none = action { break }
            perform(action, context)
        }
        if !state.defersFlush { flush(context) }
        if state.resumeReading() { context.read() }
    }

    // MARK: Searching

    /// Runs one turn of a search, and pauses it if it has to wait. Nearly every search finishes in its first turn.
    private func runTurn(of started: consuming RunningSearch, _ context: ChannelHandlerContext) {
        var search = started
        let start = NIODeadline.now()
        var now = start
        while true {
            guard now < search.deadline else {
                finish(search, .timeLimitExceeded)
                return
            }
            var budget = Self.workPerSlice
            let progress = search.search.advance(
                id: search.id, into: &writer, bytes: Self.chunkBytes, budget: &budget,
                remainingPageSize: &search.remainingPageSize)
            switch progress {
            case .finished:
                finish(search, .success)
                return
            case .sizeLimitExceeded:
                finish(search, .sizeLimitExceeded)
                return
            case .sortLimitExceeded:
                finish(search, .adminLimitExceeded)
                return
            case .paused where search.remainingPageSize == 0:
                writer.result(
                    id: search.id, .search, .success, page: session.retain(search.search),
                    sort: search.search.sortResult)
                return
            case .paused: break
            }
            if writer.buffer.readableBytes >= Self.chunkBytes {
                flush(context)
                guard !state.isClosed else { return }
                guard state.canWrite else {
                    // It resumes once the client has read.
                    pause(search)
                    return
                }
            }
            now = .now()
            if now - start >= Self.turnTime {
                flush(context)
                guard !state.isClosed else { return }
                pause(search)
                later(context) { handler, context in handler.resume(context) }
                return
            }
        }
    }

    private func pause(_ search: consuming RunningSearch) {
        state.operationStarted(.search(id: search.id))
        pausedSearch = search
    }

    private func finish(_ search: borrowing RunningSearch, _ code: ResultCode) {
        writer.result(
            id: search.id, .search, code,
            page: search.pageSize != nil && code == .success ? PagedResults(size: 0) : nil,
            sort: code == .adminLimitExceeded ? SortResult(code) : search.search.sortResult)
    }

    /// Resumes the paused search, then the queue.
    private func resume(_ context: ChannelHandlerContext) {
        guard state.canWrite else { return }
        if let search = pausedSearch {
            pausedSearch = nil
            state.operationEnded()
            runTurn(of: search, context)
        }
        resumeQueue(context)
    }

    private func later(
        _ context: ChannelHandlerContext, _ body: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
    ) {
        // A task that is due at once would run before the loop looks at its sockets again.
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.turnPause) { [weak self] in
            guard let self, context.channel.isActive else { return }
            body(self, context)
        }
    }

    // MARK: Encrypting

    private func startTLS(_ context: ChannelHandlerContext) {
        guard let tls = session.server.settings.tls else { return }
        state.handshakeStarted()
        flush(context)
        do {
            try context.pipeline.syncOperations.addTLS(tls, isFirst: true)
        } catch {
            perform(state.close(), context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            state.handshakeCompleted()
            session.isEncrypted = true
        }
        if event is ChannelShouldQuiesceEvent {
            perform(state.serverStops(), context)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        perform(state.close(), context)
    }

    // MARK: Bytes out

    private func write(_ context: ChannelHandlerContext) {
        guard writer.buffer.readableBytes > 0 else { return }
        state.responsesWritten()
        context.write(wrapOutboundOut(writer.drain(allocator: context.channel.allocator)), promise: nil)
    }

    private func flush(_ context: ChannelHandlerContext) {
        write(context)
        if state.flush() { context.flush() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        switch state.writabilityChanged(to: isWritable) {
        case .none: break
        case .cancel:
            stallTimer?.cancel()
            stallTimer = nil
        case .start:
            let channel = context.channel
            stallTimer = context.eventLoop.scheduleTask(in: session.server.settings.stallTime) {
                channel.close(promise: nil)
            }
        }
        // Deferred: this may be called from within a write.
        if isWritable { later(context) { handler, context in handler.resume(context) } }
        context.fireChannelWritabilityChanged()
    }

    // MARK: The end

    private func close(_ context: ChannelHandlerContext) {
        pausedSearch = nil
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        _ = state.close()
        pausedSearch = nil
        idleTimer?.cancel()
        idleTimer = nil
        stallTimer?.cancel()
        stallTimer = nil
        context.fireChannelInactive()
    }
}
