import Hummingbird
import Logging
import NIOCore

/// The context of a request that Hummingbird passes on.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address at the other end of the connection, without the port; `-` if there is none.
    let peer: String

    init(source: Source) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "-"
    }
}
