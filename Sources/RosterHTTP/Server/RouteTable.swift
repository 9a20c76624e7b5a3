import HTTPTypes

/// What the server answers beside the calls of the API, which stand in `APIRouter.calls`. A console or metrics get a line
/// here.
struct RouteTable {
    /// A path that is answered from memory.
    struct Route: Sendable {
        /// Without a trailing slash.
        let path: String
        let methods: [HTTPRequest.Method]
        let respond: @Sendable (APIHandler) -> APIResponse
    }

    static let routes = [
        Route(path: "/health/live", methods: [.get, .head]) { $0.liveness() },
        Route(path: "/health/ready", methods: [.get, .head]) { $0.readiness() },
    ]

    /// - Parameter path: as received. One trailing slash is ignored.
    static func route(_ method: HTTPRequest.Method, path: Substring) -> Route? {
        let path = path.hasSuffix("/") ? path.dropLast() : path
        return routes.first { $0.path == path && $0.methods.contains(method) }
    }
}
