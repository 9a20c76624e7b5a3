package import Logging
package import NIOCore
import NIOPosix
import NIOSSL
package import RosterDirectory
package import RosterModel
package import RosterServing
import ServiceLifecycle
import Synchronization

/// The directory over LDAPv3 (RFC 4511): what `roster serve --ldap` runs, and nodes resolve users from.
package struct LDAPServer: Service {
    private let directory: Directory
    private let hashing: any PasswordHashing
    private let failures: FailureLimiter
    private let settings: LDAPServerConfiguration
    private let logger: Logger
    private let onListening: @Sendable (LDAPServerConfiguration.Listener, SocketAddress?) -> Void

    /// - Parameter onListening: told, for each listener, its address once connections are taken.
    package init(
        directory: Directory, hashing: any PasswordHashing, failures: FailureLimiter = FailureLimiter(),
        settings: LDAPServerConfiguration, logger: Logger,
        onListening: @escaping @Sendable (LDAPServerConfiguration.Listener, SocketAddress?) -> Void
    ) {
        self.directory = directory
        self.hashing = hashing
        self.failures = failures
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        let server = Session.Server(
            directory: directory, hashing: hashing,
            administration: UserCommandHandler(directory: directory, hashing: hashing), failures: failures,
            changes: RateLimiter(.accountKeys), settings: settings,
            // Never anybody's: a new random text each time.
            dummyHash: try? await hashing.hash("\(UInt64.random(in: 0 ... .max))"), logger: logger)
        let connections = ConnectionLimiter(maximum: settings.maximumConnections, logger: logger)
        var channels: [any Channel] = []
        do {
            for listener in settings.listeners {
                let channel = try await Self.listen(listener, server: server, connections: connections)
                channels.append(channel)
                onListening(listener, channel.localAddress)
            }
        } catch {
            for channel in channels { try? await channel.close() }
            throw error
        }
        let open = channels
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                for channel in open { try? await channel.closeFuture.get() }
            } onCancel: {
                for channel in open { channel.close(promise: nil) }
            }
        } onGracefulShutdown: {
            for channel in open { channel.close(promise: nil) }
        }
        connections.closeAll()
    }

    /// What serves one connection, without a socket: for tests.
    /// - Parameter address: the client's, without a port.
    package static func connection(
        directory: Directory, hashing: any PasswordHashing, failures: FailureLimiter = FailureLimiter(),
        settings: LDAPServerConfiguration, address: String
    ) -> any ChannelHandler {
        let server = Session.Server(
            directory: directory, hashing: hashing,
            administration: UserCommandHandler(directory: directory, hashing: hashing), failures: failures,
            changes: RateLimiter(.accountKeys), settings: settings, dummyHash: nil,
            logger: Logger(label: "ldap", factory: { _ in SwiftLogNoOpLogHandler() }))
        return ConnectionHandler(session: Session(server: server, address: address, isEncrypted: false))
    }

    private static func listen(
        _ listener: LDAPServerConfiguration.Listener, server: Session.Server, connections: ConnectionLimiter
    ) async throws -> any Channel {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.add(channel) else {
                        channel.close(promise: nil)
                        return
                    }
                    let pipeline = channel.pipeline.syncOperations
                    if listener.isEncrypted, let tls = server.settings.tls {
                        try pipeline.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    let session = Session(
                        server: server, address: channel.remoteAddress?.ipAddress ?? "",
                        isEncrypted: listener.isEncrypted)
                    try pipeline.addHandler(ConnectionHandler(session: session))
                }
            }
            .bind(host: listener.host, port: listener.port).get()
    }
}

/// The connections that are open.
private final class ConnectionLimiter: Sendable {
    private let maximum: Int
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isFull = false
    }

    init(maximum: Int, logger: Logger) {
        self.maximum = maximum
        self.logger = logger
    }

    /// Takes a connection in, until it closes; false where it is one too many.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let (isTaken, isNews) = state.withLock { state -> (Bool, Bool) in
            guard state.channels.count < maximum else {
                defer { state.isFull = true }
                return (false, !state.isFull)
            }
            state.channels[id] = channel
            return (true, false)
        }
        if isNews {
            logger.warning("as many nodes are connected as may be", metadata: ["connections": "\(maximum)"])
        }
        guard isTaken else { return false }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { state in
                state.channels[id] = nil
                state.isFull = state.channels.count >= self?.maximum ?? 0
            }
        }
        return true
    }

    /// Tells each client that the server stops, and closes.
    func closeAll() {
        let channels = state.withLock { Array($0.channels.values) }
        for channel in channels {
            channel.pipeline.fireUserInboundEventTriggered(ShutdownEvent())
        }
    }
}

/// Sent through the pipelines of all connections when the server stops.
struct ShutdownEvent: Sendable {}
