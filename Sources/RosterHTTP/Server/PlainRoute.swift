import HTTPTypes

/// A path that is not a call of the API and is answered from memory.
struct PlainRoute: Sendable {
    /// Without a trailing slash.
    let path: String
    let methods: [HTTPRequest.Method]
    let respond: @Sendable (APIHandler, APIRequest) -> APIResponse

    /// The routes of `APIRouter` besides the calls. A console or metrics would be added here.
    static let all = [
        PlainRoute(path: "/health/live", methods: [.get, .head]) { handler, _ in handler.liveness() },
        PlainRoute(path: "/health/ready", methods: [.get, .head]) { handler, _ in handler.readiness() },
        PlainRoute(path: OpenAPIDocument.path, methods: [.get, .head]) { $0.description(for: $1) },
    ]
}
