import HTTPTypes

/// A path that is no call of the API and is answered from memory.
struct PlainRoute: Sendable {
    /// Without a trailing slash.
    let path: String
    let methods: [HTTPRequest.Method]
    let respond: @Sendable (APIHandler) -> APIResponse

    /// What `APIRouter` knows beside the calls. A console or metrics get a line here.
    static let all = [
        PlainRoute(path: "/health/live", methods: [.get, .head]) { $0.liveness() },
        PlainRoute(path: "/health/ready", methods: [.get, .head]) { $0.readiness() },
    ]
}
