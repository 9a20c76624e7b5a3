import HTTPTypes
import Logging
import NIOHTTP1

extension APIRequest {
    /// A request from a head as it was received.
    init(_ head: HTTPRequestHead, peer: String, logger: Logger) {
        self.init(
            method: HTTPRequest.Method(head.method), target: Self.originForm(head.uri), peer: peer,
            forwardedFor: head.headers["X-Forwarded-For"], leastRevision: head.headers["Roster-Revision"],
            requestID: RequestID(), logger: logger, headers: head.headers,
            isHTTP10: head.version == .http1_0)
    }

    /// The path and query of a target in absolute form (RFC 9112, section 3.2.2). Any other target is itself.
    private static func originForm(_ target: String) -> String {
        guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") else { return target }
        let rest = target[scheme.upperBound...].prefix { $0 != "#" }
        guard let start = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
        return rest[start] == "/" ? String(rest[start...]) : "/" + rest[start...]
    }
}

extension HTTPRequest.Method {
    fileprivate init(_ method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .POST: self = .post
        case .HEAD: self = .head
        // The decoder accepts only tokens as methods, so this conversion does not fail.
        default: self = HTTPRequest.Method(method.rawValue) ?? .options
        }
    }
}
