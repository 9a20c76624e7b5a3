package import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// The server of `roster serve --metrics`: metrics and health, without authentication, on an event loop of its own, so
/// that it answers whatever the other servers are busy with.
package struct MetricsServer: Service {
    /// A response: its status, its media type and its body.
    package struct Response: Sendable {
        let status: Int
        let type: String
        let body: String

        /// Creates a response.
        package init(status: Int, type: String, body: String) {
            self.status = status
            self.type = type
            self.body = body
        }
    }

    private let host: String
    private let port: Int
    private let respond: @Sendable (String) -> Response?
    private let onListening: @Sendable (SocketAddress?) -> Void

    /// How many connections may be open at once; further ones wait.
    private static let maximumConnections = 64
    /// A connection that lasts longer is closed: it has one request.
    private static let connectionTime = TimeAmount.seconds(10)

    /// - Parameters:
    ///   - registry: what `/metrics` shows.
    ///   - health: the response to a path below `/health/`; nil for one that does not exist.
    ///   - onListening: called with the address once the server accepts connections.
    package init(
        host: String, port: Int, registry: MetricsRegistry, health: @escaping @Sendable (String) -> Response?,
        onListening: @escaping @Sendable (SocketAddress?) -> Void
    ) {
        self.host = host
        self.port = port
        self.onListening = onListening
        respond = { path in
            path == "/metrics"
                ? Response(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: registry.text)
                : health(path)
        }
    }

    /// - Throws: the error of an address that cannot be bound.
    package func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let respond = respond
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(OpenLimit(Self.maximumConnections))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(MetricsHandler(respond: respond))
                    let deadline = channel.eventLoop.scheduleTask(in: Self.connectionTime) {
                        channel.close(promise: nil)
                    }
                    channel.closeFuture.whenComplete { _ in deadline.cancel() }
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            onListening(channel.localAddress)
            await withTaskCancellationHandler {
                await withGracefulShutdownHandler {
                    try? await channel.closeFuture.get()
                } onGracefulShutdown: {
                    channel.close(promise: nil)
                }
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try? await group.shutdownGracefully()
    }
}

/// Accepts further connections only while fewer than a number are open.
private final class OpenLimit: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let maximum: Int
    private var open = 0
    private var isReadDue = false

    init(_ maximum: Int) {
        self.maximum = maximum
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (handler, context) = bound.value
            handler.open -= 1
            guard handler.isReadDue else { return }
            handler.isReadDue = false
            context.read()
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard open < maximum else {
            isReadDue = true
            return
        }
        context.read()
    }
}

private final class MetricsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let respond: @Sendable (String) -> MetricsServer.Response?
    private var isAnswered = false

    init(respond: @escaping @Sendable (String) -> MetricsServer.Response?) {
        self.respond = respond
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // No request needs its body, and a connection has one: neither pipelined requests nor slow bodies hold memory.
        guard case .head(let head) = unwrapInboundIn(data), !isAnswered else { return }
        isAnswered = true
        answer(head, context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = String(request.uri.prefix { $0 != "?" })
        let isRead = request.method == .GET || request.method == .HEAD
        let response =
            isRead
            ? respond(path)
                ?? .init(status: 404, type: "text/plain", body: "there are /metrics, /health/live and /health/ready\n")
            : .init(status: 405, type: "text/plain", body: "only GET\n")
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: response.type)
        headers.add(name: "Content-Length", value: String(response.body.utf8.count))
        headers.add(name: "Connection", value: "close")
        if !isRead { headers.add(name: "Allow", value: "GET, HEAD") }
        let status = HTTPResponseStatus(statusCode: response.status)
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        if request.method != .HEAD {
            let body = context.channel.allocator.buffer(string: response.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            bound.value.close(mode: .output, promise: nil)
        }
    }
}
