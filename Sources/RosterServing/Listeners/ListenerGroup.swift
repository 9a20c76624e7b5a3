package import NIOCore
import NIOExtras
package import NIOPosix
import ServiceLifecycle

/// The addresses that a server listens on, from the first bind until the last connection has closed.
package struct ListenerGroup<Listener: Sendable>: Sendable {
    /// Host and port of a listener; port 0 is any free one.
    package typealias Address = (host: String, port: Int)

    private let listeners: [Listener]
    private let limit: ConnectionLimit
    private let address: @Sendable (Listener) -> Address
    private let configure: @Sendable (ServerBootstrap) -> ServerBootstrap
    private let accept: @Sendable (any Channel, Listener) throws -> Void
    private let onListening: @Sendable (Listener, SocketAddress?) async -> Void

    /// - Parameters:
    ///   - limit: of the connections of each listener.
    ///   - configure: sets the options of connections.
    ///   - accept: adds the handlers of a new connection to its pipeline, on its event loop.
    ///   - onListening: called for each listener, with its address, once it accepts connections.
    package init(
        _ listeners: [Listener], at address: @escaping @Sendable (Listener) -> Address, limit: ConnectionLimit,
        configure: @escaping @Sendable (ServerBootstrap) -> ServerBootstrap,
        accept: @escaping @Sendable (any Channel, Listener) throws -> Void,
        onListening: @escaping @Sendable (Listener, SocketAddress?) async -> Void
    ) {
        self.listeners = listeners
        self.address = address
        self.limit = limit
        self.configure = configure
        self.accept = accept
        self.onListening = onListening
    }

    /// Listens until the task is cancelled or the service group shuts down, then until all connections have closed.
    /// Each of them gets a `ChannelShouldQuiesceEvent` first. A listener that fails ends all of them.
    /// - Throws: the error of a listener that cannot be bound.
    package func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let (stopped, stopping) = AsyncStream.makeStream(of: Never.self)
        var helpers: [ServerQuiescingHelper] = []
        var channels: [any Channel] = []
        do {
            for listener in listeners {
                let helper = ServerQuiescingHelper(group: group)
                helpers.append(helper)
                let channel = try await bind(listener, group: group, helper: helper)
                channels.append(channel)
                await onListening(listener, channel.localAddress)
            }
        } catch {
            for channel in channels { try? await channel.close() }
            throw error
        }
        let open = helpers
        let stop = { @Sendable () -> Void in
            let loop = group.next()
            let drained = open.map { helper in
                let promise = loop.makePromise(of: Void.self)
                helper.initiateShutdown(promise: promise)
                return promise.futureResult
            }
            EventLoopFuture.andAllComplete(drained, on: loop).whenComplete { _ in stopping.finish() }
        }
        for channel in channels { channel.closeFuture.whenComplete { _ in stop() } }
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                for await _ in stopped {}
            } onCancel: {
                stop()
            }
        } onGracefulShutdown: {
            stop()
        }
    }

    private func bind(
        _ listener: Listener, group: any EventLoopGroup, helper: ServerQuiescingHelper
    ) async throws -> any Channel {
        let (host, port) = address(listener)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ConnectionLimitHandler(limit))
                    try pipeline.addHandler(helper.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel, listener) }
            }
        return try await configure(bootstrap).bind(host: host, port: port).get()
    }
}
