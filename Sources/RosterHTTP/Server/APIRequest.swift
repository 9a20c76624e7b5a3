import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import RosterModel
import Synchronization

/// A response of the API.
struct APIResponse {
    var status: HTTPResponse.Status
    /// The revision that the response shows.
    var revision: Revision
    /// Seconds until the client may repeat the request; nil unless the server refused it for its rate.
    var retryAfter: Int?
    /// Identifies the body, for clients that keep it (RFC 9110 section 8.8.3); nil for a body that is made anew.
    var entityTag: String?
    /// JSON.
    var body: ByteBuffer
    /// Nil for a response that is not to a call.
    var outcome: Outcome?

    /// What became of a call.
    struct Outcome {
        /// The response's `action`.
        let action: String
        let returnCode: Int
    }

    /// Calls `write` with each header of the response, except those of every HTTP response: `Content-Length`, `Date`
    /// and `Server`.
    func forEachHeader(requestID: RequestID, _ write: (_ name: StaticString, _ value: String) -> Void) {
        write("Content-Type", "application/json")
        write("Roster-Revision", String(revision.number))
        write("Roster-Request-Id", requestID.text)
        if let entityTag { write("ETag", entityTag) }
        if let retryAfter { write("Retry-After", String(retryAfter)) }
    }
}

/// A request of the API, not parsed yet.
struct APIRequest {
    let method: HTTPRequest.Method
    /// Path and query, exactly as received.
    let target: String
    /// The address at the other end of the connection.
    let peer: String
    /// The values of X-Forwarded-For.
    let forwardedFor: [String]
    /// The values of Roster-Revision: the response must show this revision or a later one.
    let leastRevision: [String]
    /// The identifier in the log lines about the request.
    let requestID: RequestID
    let logger: Logger
    /// The header as received, for the few responses that depend on more of it.
    var headers = HTTPHeaders()
    /// Whether the request is of HTTP/1.0, and not of HTTP/1.1.
    var isHTTP10 = false
    /// Whether the client still waits for the response.
    var client = ClientPresence()

    /// The target up to the query, and the query without the question mark.
    var parts: (path: Substring, rawQuery: Substring) {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target[...], "") }
        return (target[..<mark], target[target.utf8.index(after: mark)...])
    }

    /// A logger that adds the request's identifier to each line.
    var requestLogger: Logger {
        var logger = logger
        logger[metadataKey: "request_id"] = .string(requestID.text)
        return logger
    }
}

/// Whether the client of a connection is still there. The connection says so; work that waits for a thread asks.
final class ClientPresence: Sendable {
    private let isGoneNow = Atomic(false)

    var isThere: Bool { !isGoneNow.load(ordering: .relaxed) }

    func leave() { isGoneNow.store(true, ordering: .relaxed) }
}
