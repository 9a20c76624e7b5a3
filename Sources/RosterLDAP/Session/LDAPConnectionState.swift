import NIOCore
import RosterModel

/// The flow control of one connection: which request is handled when, when bytes are read, and when responses are flushed.
///
/// Events go in and actions come out. It knows no channel and no clock; `ConnectionHandler` performs the actions.
struct LDAPConnectionState {
    /// What is under way. Requests behind it wait in the queue.
    enum Operation: Equatable {
        case search(id: Int32)
        case bind
        case passwordModify
    }

    /// What is to be done about an event.
    enum Action: Equatable {
        case none
        case handle(LDAPMessage)
        /// The search that is under way ends without a response (RFC 4511 section 4.11).
        case dropSearch
        case close
        /// Tell the client why (RFC 4511 section 4.4.1), then close.
        case disconnect(ResultCode, String)
    }

    /// What is to be done about the timer that closes a connection whose client reads nothing.
    enum StallTimerAction: Equatable {
        case none
        case start
        case cancel
    }

    private enum Phase {
        case open
        /// The handshake of StartTLS is the next thing that may come.
        case handshake
        case closed
    }

    private let idleTime: TimeAmount
    private let maximumQueued: Int

    private var phase = Phase.open
    private(set) var operation: Operation?
    private var queue = CircularBuffer<LDAPMessage>()
    private var isWritable = true
    private var hasStallTimer = false
    /// Whether what is read in this turn of the event loop has not all been handled.
    private var isReading = false
    /// Whether the channel wants to read, and has to wait.
    private var isReadDeferred = false
    private var hasUnflushedWrites = false
    private var lastReceived = NIODeadline.uptimeNanoseconds(0)

    /// - Parameters:
    ///   - idleTime: how long nothing may come before the connection is closed.
    ///   - maximumQueued: how many requests may wait; beyond that nothing more is read.
    init(idleTime: TimeAmount, maximumQueued: Int) {
        self.idleTime = idleTime
        self.maximumQueued = maximumQueued
    }

    var isClosed: Bool { phase == .closed }

    /// Whether responses wait for more of the same turn, to leave in one write.
    var defersFlush: Bool { isReading }

    var canWrite: Bool { isWritable && !isClosed }

    // MARK: Bytes in

    /// Whether the bytes are to be decoded.
    mutating func bytesReceived(at now: NIODeadline) -> Bool {
        guard !isClosed else { return false }
        isReading = true
        lastReceived = now
        return true
    }

    mutating func messageReceived(_ message: LDAPMessage) -> Action {
        switch phase {
        case .closed: return .none
        case .handshake: return disconnect(.protocolError, "a handshake was expected")
        case .open: break
        }
        switch message.request {
        case .abandon(let id): return abandon(id)
        case .unbind: return close()
        default:
            // A response may be many times as long as its request: none is made that the client does not read.
            guard operation == nil, queue.isEmpty, isWritable else {
                queue.append(message)
                return .none
            }
            return .handle(message)
        }
    }

    /// An abandoned request is never answered (RFC 4511 section 4.11). A bind cannot be abandoned.
    private mutating func abandon(_ id: Int32) -> Action {
        queue.removeAll { message in
            guard message.id == id else { return false }
            switch message.request {
            case .search, .compare: return true
            default: return false
            }
        }
        guard operation == .search(id: id) else { return .none }
        operation = nil
        return .dropSearch
    }

    /// - Parameter unprocessedBytes: how many bytes are left that are no whole message.
    mutating func messagesDecoded(unprocessedBytes: Int) -> Action {
        // What comes in clear behind the request to encrypt may be somebody else's: RFC 4511 section 4.14.1.
        phase == .handshake && unprocessedBytes > 0 ? disconnect(.protocolError, "no handshake") : .none
    }

    mutating func decodingFailed(_ reason: String) -> Action { disconnect(.protocolError, reason) }

    mutating func readCompleted() { isReading = false }

    /// The channel wants to read. Whether it may; if not, `resumeReading` says when.
    mutating func readRequested() -> Bool {
        isReadDeferred = isFull
        return !isReadDeferred
    }

    /// Whether a read that was deferred is to be made now.
    mutating func resumeReading() -> Bool {
        guard isReadDeferred, !isFull, !isClosed else { return false }
        isReadDeferred = false
        return true
    }

    private var isFull: Bool { queue.count >= maximumQueued || !isWritable }

    // MARK: Requests

    mutating func operationStarted(_ operation: Operation) { self.operation = operation }

    mutating func operationEnded() { operation = nil }

    /// What is to be done about the queue, until it is `none`.
    mutating func nextRequest() -> Action {
        guard !isClosed, !queue.isEmpty else { return .none }
        if phase == .handshake { return disconnect(.protocolError, "a handshake was expected") }
        guard operation == nil, isWritable else { return .none }
        return .handle(queue.removeFirst())
    }

    // MARK: Bytes out

    mutating func responsesWritten() { hasUnflushedWrites = true }

    /// Whether there is something to flush.
    mutating func flush() -> Bool {
        defer { hasUnflushedWrites = false }
        return hasUnflushedWrites
    }

    mutating func writabilityChanged(to isWritable: Bool) -> StallTimerAction {
        self.isWritable = isWritable
        guard hasStallTimer == isWritable else { return .none }
        hasStallTimer = !isWritable
        return isWritable ? .cancel : .start
    }

    // MARK: Encryption

    mutating func handshakeStarted() {
        if phase == .open { phase = .handshake }
    }

    mutating func handshakeCompleted() {
        if phase == .handshake { phase = .open }
    }

    // MARK: The end

    mutating func becameActive(at now: NIODeadline) { lastReceived = now }

    /// - Returns: what is to be done, and when the timer is to fire again. One timer runs at a time and is not set anew by
    ///   each request: what came meanwhile is seen when it fires.
    mutating func idleTimerFired(at now: NIODeadline) -> (action: Action, next: TimeAmount) {
        let rest = lastReceived + idleTime - now
        guard rest <= .zero else { return (.none, rest) }
        lastReceived = now
        // A client that waits for a response is not idle.
        guard operation == nil, queue.isEmpty else { return (.none, idleTime) }
        return (disconnect(.unavailable, "nothing was asked for too long"), idleTime)
    }

    mutating func serverStops() -> Action { disconnect(.unavailable, "the server is stopping") }

    mutating func close() -> Action {
        phase = .closed
        operation = nil
        queue.removeAll()
        return .close
    }

    private mutating func disconnect(_ code: ResultCode, _ reason: String) -> Action {
        guard !isClosed else { return .none }
        _ = close()
        return .disconnect(code, reason)
    }
}
