import Hummingbird
import Logging
import NIOCore

/// What is known of a request beside its text.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address that the request came from, without the port; `-` where there is none.
    let origin: String

    init(source: Source) {
        coreContext = .init(source: source)
        origin = source.channel.remoteAddress?.ipAddress ?? "-"
    }

    /// What the log's lines about the request bear. The framework's own `id` ends the program where a log handler keeps no
    /// metadata.
    var requestID: String { logger[metadataKey: "hb.request.id"]?.description ?? "-" }
}
