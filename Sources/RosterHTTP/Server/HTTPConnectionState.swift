import NIOCore
import NIOHTTP1
import RosterModel

/// The state of an HTTP/1.1 connection (RFC 9112): which request is being read or answered, and what follows it.
///
/// It has no access to a socket. `HTTPConnectionHandler` tells it what arrives and carries out the actions that it
/// returns. One request is answered at a time, so that responses leave in the order of the requests. Later input waits.
struct HTTPConnectionState {
    /// What arrives from the client.
    enum Input {
        case part(HTTPServerRequestPart)
        /// Bytes that are not HTTP, or a message that ends early.
        case malformed
        /// The client sends nothing more.
        case inputClosed
    }

    /// What the handler does next.
    enum Action {
        case none
        /// A head whose body follows. If the request can be answered without the body, the handler calls
        /// `answerBeforeBody`; otherwise the body is read, after `100 Continue` if the client expects that.
        case beginBody(HTTPRequestHead, expectsContinue: Bool)
        /// A request to answer; `responseWritten` follows. A nil body is larger than `largestBody`, or ended early.
        case answer(HTTPRequestHead, body: ByteBuffer?)
        /// Respond with a status and no body, and close.
        case refuse(Refusal)
        /// Close the output, and the connection once the client has closed its side.
        case closeOutput
        case close
    }

    /// Why the server answers no further request of the connection.
    enum Refusal: String {
        case badRequest = "400 Bad Request"
        case notImplemented = "501 Not Implemented"
    }

    private enum Phase {
        case awaitingHead
        /// The body is nil before its first part.
        case readingBody(HTTPRequestHead, ByteBuffer?)
        case answering
        /// No further request is answered.
        case finished
    }

    private let largestBody: Int
    private var phase = Phase.awaitingHead
    /// Whether the rest of a body is being discarded.
    private var isDiscarding = false
    private var closesAfterResponse = false
    private var isStopping = false
    private var expectsContinue = false
    /// Input that arrived while a request was being answered.
    private var waiting = CircularBuffer<Input>(initialCapacity: 0)
    /// False while the client does not read its responses. No further request is answered then, so that unread
    /// responses do not pile up.
    var isWritable = true

    /// How many parts wait.
    var waitingCount: Int { waiting.count }

    init(largestBody: Int) {
        self.largestBody = largestBody
    }

    /// Whether to read more: not while a request is being answered, and not while the client does not read.
    var mayRead: Bool { isWritable && mayTake }

    /// Whether the server waits for the client. It does not while it answers a complete request.
    var isWaitingForClient: Bool { mayTake }

    /// False while a complete request is being answered; further input then waits.
    private var mayTake: Bool {
        if case .answering = phase { return isDiscarding }
        return true
    }

    /// Whether the current response is the last one because the server did not ask for the body that the client
    /// offered.
    private(set) var isBodyDeclined = false

    mutating func receive(_ input: Input) -> Action {
        guard waiting.isEmpty, mayTake, isWritable else {
            waiting.append(input)
            return .none
        }
        return isDiscarding ? discard(input) : process(input)
    }

    /// The action for waiting input; nil if none waits, a request is being answered, or the client does not read.
    mutating func next() -> Action? {
        guard mayTake, isWritable, let input = waiting.popFirst() else { return nil }
        return isDiscarding ? discard(input) : process(input)
    }

    /// The request of `beginBody` is answered without its body. `responseWritten` must follow.
    mutating func answerBeforeBody() {
        phase = .answering
        if expectsContinue {
            declineBody()
        } else {
            isDiscarding = true
        }
    }

    /// Whether the head of a request is expected.
    var isAwaitingHead: Bool {
        if case .awaitingHead = phase { return true }
        return false
    }

    /// Whether a body is being read.
    var isReadingBody: Bool {
        if case .readingBody = phase { return true }
        return false
    }

    /// Gives up the current request after the handler has written a response of its own.
    mutating func abandon() -> Action { finish(.closeOutput) }

    /// The response to the last `answer`, or to the request of `answerBeforeBody`, was written.
    mutating func responseWritten() -> Action {
        guard case .answering = phase else { return .none }
        if closesAfterResponse { return finish(.closeOutput) }
        if isStopping, waiting.isEmpty, !isDiscarding { return finish(.close) }
        phase = .awaitingHead
        return .none
    }

    /// The server stops: requests that have begun are still answered.
    mutating func stop() -> Action {
        isStopping = true
        switch phase {
        case .awaitingHead where !isDiscarding, .finished: return finish(.close)
        default: return .none
        }
    }

    private mutating func finish(_ action: Action) -> Action {
        phase = .finished
        isDiscarding = false
        waiting.removeAll()
        return action
    }

    private mutating func discard(_ input: Input) -> Action {
        switch input {
        case .part(.end):
            isDiscarding = false
            if isStopping, case .awaitingHead = phase { return finish(.close) }
        case .part: break
        case .malformed, .inputClosed:
            isDiscarding = false
            closesAfterResponse = true
            if case .awaitingHead = phase { return finish(.closeOutput) }
        }
        return .none
    }

    private mutating func process(_ input: Input) -> Action {
        switch (phase, input) {
        case (.awaitingHead, .part(.head(let head))): return process(head)
        case (.readingBody(let head, var body), .part(.body(var bytes))):
            // Leave the buffer with a single owner, so that appending does not copy it.
            phase = .finished
            if body?.writeBuffer(&bytes) == nil { body = bytes }
            guard let body, body.readableBytes <= largestBody else {
                phase = .answering
                isDiscarding = true
                return .answer(head, body: nil)
            }
            phase = .readingBody(head, body)
            return .none
        case (.readingBody(let head, let body), .part(.end)):
            phase = .answering
            return .answer(head, body: body ?? ByteBuffer())
        case (.readingBody(let head, _), .malformed), (.readingBody(let head, _), .inputClosed):
            phase = .answering
            closesAfterResponse = true
            return .answer(head, body: nil)
        case (.awaitingHead, .malformed): return finish(.refuse(.badRequest))
        case (.awaitingHead, .inputClosed), (.finished, .inputClosed): return finish(.close)
        default: return .none
        }
    }

    private mutating func process(_ head: HTTPRequestHead) -> Action {
        let fields = FramingFields(head)
        // RFC 9112, section 3.2.
        let isHTTP10 = head.version == .http1_0
        guard fields.hosts == 1 || fields.hosts == 0 && isHTTP10, fields.isHostValid else {
            return finish(.refuse(.badRequest))
        }
        // RFC 9112, section 6.1: what follows such a field could be the body or the next request.
        if fields.isTransferCoded, isHTTP10 { return finish(.refuse(.badRequest)) }
        guard fields.isChunkedOnly else { return finish(.refuse(.notImplemented)) }
        closesAfterResponse = !head.isKeepAlive
        expectsContinue = fields.expectsContinue && !isHTTP10
        guard fields.hasBody else {
            phase = .readingBody(head, nil)
            return .none
        }
        if expectsContinue, let length = fields.contentLength, length > largestBody {
            phase = .answering
            declineBody()
            return .answer(head, body: nil)
        }
        phase = .readingBody(head, nil)
        return .beginBody(head, expectsContinue: expectsContinue)
    }

    /// The client may send the body anyway, or the next request, and the server cannot tell which.
    private mutating func declineBody() {
        isBodyDeclined = true
        closesAfterResponse = true
    }
}

/// The header fields that define how the message is framed.
private struct FramingFields {
    var hosts = 0
    var hasBody = false
    var contentLength: Int?
    var expectsContinue = false
    var isHostValid = true
    var isTransferCoded = false
    /// Whether the body has no transfer coding other than chunked, the only supported one.
    var isChunkedOnly = true

    init(_ head: HTTPRequestHead) {
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.utf8.equalsIgnoringASCIICase("host".utf8):
                hosts += 1
                isHostValid = isHostValid && value.utf8.allSatisfy(Self.mayStandInHost)
            case 6 where name.utf8.equalsIgnoringASCIICase("expect".utf8):
                expectsContinue = value.utf8.equalsIgnoringASCIICase("100-continue".utf8)
            case 14 where name.utf8.equalsIgnoringASCIICase("content-length".utf8):
                hasBody = true
                contentLength = Int(value)
            case 17 where name.utf8.equalsIgnoringASCIICase("transfer-encoding".utf8):
                hasBody = true
                isChunkedOnly = !isTransferCoded && value.utf8.equalsIgnoringASCIICase("chunked".utf8)
                isTransferCoded = true
            default: continue
            }
        }
    }

    /// Whether a byte is allowed in `uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
    private static func mayStandInHost(_ byte: UInt8) -> Bool {
        if byte.isASCIILetterOrDigit { return true }
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"), UInt8(ascii: "!"), UInt8(ascii: "$"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
            return true
        default: return false
        }
    }
}
