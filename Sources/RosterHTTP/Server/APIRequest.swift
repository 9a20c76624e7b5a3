import HTTPTypes
import Logging
import NIOCore
import RosterModel

/// An answer before it is put into the words of a server.
struct APIResponse {
    var status: HTTPResponse.Status
    /// The revision that it shows.
    var revision: Revision
    /// Seconds after which to ask again, where the caller asked too often.
    var retryAfter: Int?
    /// JSON.
    var body: ByteBuffer
}

/// What is asked, before any of it is judged.
struct APIRequest {
    let method: HTTPRequest.Method
    /// Path and query, exactly as they came.
    let target: String
    /// The address at the other end of the connection.
    let peer: String
    /// The values of X-Forwarded-For.
    let forwardedFor: [String]
    /// The values of Roster-Revision: the answer shows this revision or a later one.
    let leastRevision: [String]
    /// What the log's lines about the request bear.
    let requestID: RequestID
    let logger: Logger

    /// The target up to the query, and the query without the question mark.
    var parts: (path: Substring, rawQuery: Substring) {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target[...], "") }
        return (target[..<mark], target[target.utf8.index(after: mark)...])
    }

    /// A logger whose lines bear the request's identifier.
    var requestLogger: Logger {
        var logger = logger
        logger[metadataKey: "request_id"] = .string(requestID.text)
        return logger
    }
}
