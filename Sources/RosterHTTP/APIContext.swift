import Hummingbird
import Logging
import NIOCore

/// What is known of a request beside its text.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address at the other end of the connection, without the port; `-` where there is none.
    let peer: String

    init(source: Source) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "-"
    }

    /// What the log's lines about the request bear. The framework's own `id` ends the program where a log handler keeps no
    /// metadata.
    var requestID: String { logger[metadataKey: "hb.request.id"]?.description ?? "-" }
}
