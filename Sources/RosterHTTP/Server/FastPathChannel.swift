import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOSSL
import RosterModel

/// Hummingbird's HTTP/1 connection with a `FastPathHandler` in front of it.
struct FastPathChannel: ServerChildChannel, HTTPChannelHandler {
    typealias Value = HTTP1Channel.Value

    private let base: HTTP1Channel
    private let handler: APIHandler
    private let tls: NIOSSLContext?
    private let idleTimeout: TimeAmount

    var responder: HTTPChannelHandler.Responder { base.responder }

    /// - Parameters:
    ///   - tls: what the connection is encrypted by; nil is plain HTTP.
    ///   - idleTimeout: how long a connection may be silent while no request waits for its response.
    init(
        responder: @escaping HTTPChannelHandler.Responder, handler: APIHandler, tls: NIOSSLContext?,
        idleTimeout: TimeAmount
    ) {
        // Hummingbird's idle timeout would close a connection whose requests `FastPathHandler` answers, which has its own.
        base = HTTP1Channel(responder: responder, configuration: .init(idleTimeout: nil))
        self.handler = handler
        self.tls = tls
        self.idleTimeout = idleTimeout
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let gate = RawResponseWriter()
            let encoder = try pipeline.handler(type: HTTPResponseEncoder.self)
            try pipeline.addHandler(gate, position: .before(encoder))
            let quick = FastPathHandler(handler: handler, gate: gate, idleTimeout: idleTimeout, logger: logger)
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(quick, position: .before(codec))
            // The server stops reading from a client that does not read its responses.
            try pipeline.addHandler(BackPressureHandler(), position: .before(encoder))
            if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls), position: .first) }
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
