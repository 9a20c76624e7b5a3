import NIOCore
import RosterModel

/// The flow control of one connection: when each request is handled, when bytes are read, and when responses are
/// flushed.
///
/// Events go in and actions come out. It has no access to a channel or a clock; `ConnectionHandler` carries out the
/// actions.
struct LDAPConnectionState {
    /// The running operation. Later requests wait in the queue.
    enum Operation: Equatable {
        case search(id: Int32)
        case bind
        case passwordModify
    }

    /// What to do about an event.
    enum Action: Equatable {
        case none
        case handle(LDAPMessage)
        /// The running search ends without a response (RFC 4511 section 4.11).
        case dropSearch
        case close
        /// Tell the client why (RFC 4511 section 4.4.1), then close.
        case disconnect(ResultCode, String)
    }

    /// What to do about the timer that closes a connection whose client does not read.
    enum StallTimerAction: Equatable {
        case none
        case start
        case cancel
    }

    private enum Phase {
        case open
        /// Only the handshake of StartTLS may come next.
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
    /// Whether this turn of the event loop is still handling what it read.
    private var isReading = false
    /// Whether a requested read is waiting.
    private var isReadDeferred = false
    private var hasUnflushedWrites = false
    private var lastReceived = NIODeadline.uptimeNanoseconds(0)

    /// - Parameters:
    ///   - idleTime: how long nothing may arrive before the connection is closed.
    ///   - maximumQueued: how many requests may wait; above that, reading pauses.
    init(idleTime: TimeAmount, maximumQueued: Int) {
        self.idleTime = idleTime
        self.maximumQueued = maximumQueued
    }

    var isClosed: Bool { phase == .closed }

    /// Whether responses wait for more of the same turn, so as to leave in one write.
    var defersFlush: Bool { isReading }

    var canWrite: Bool { isWritable && !isClosed }

    // MARK: Bytes in

    /// Whether to decode the bytes.
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
            // A response may be many times as large as its request: handle none while the client does not read.
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

    /// - Parameter unprocessedBytes: how many bytes remain that are not a complete message.
    mutating func messagesDecoded(unprocessedBytes: Int) -> Action {
        // Cleartext after the request to encrypt may be injected by a third party (RFC 4511 section 4.14.1).
        phase == .handshake && unprocessedBytes > 0 ? disconnect(.protocolError, "no handshake") : .none
    }

    mutating func decodingFailed(_ reason: String) -> Action { disconnect(.protocolError, reason) }

    mutating func readCompleted() { isReading = false }

    /// Whether a read that the channel requests may proceed. If not, `resumeReading` returns true once it may.
    mutating func readRequested() -> Bool {
        isReadDeferred = isFull
        return !isReadDeferred
    }

    /// Whether to make a deferred read now.
    mutating func resumeReading() -> Bool {
        guard isReadDeferred, !isFull, !isClosed else { return false }
        isReadDeferred = false
        return true
    }

    private var isFull: Bool { queue.count >= maximumQueued || !isWritable }

    // MARK: Requests

    mutating func operationStarted(_ operation: Operation) { self.operation = operation }

    mutating func operationEnded() { operation = nil }

    /// What to do about the queue; call again until it is `none`.
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

    /// - Returns: what to do, and when the timer is to fire next. One timer runs at a time, and requests do not restart
    ///   it: when it fires, it takes into account what arrived meanwhile.
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
