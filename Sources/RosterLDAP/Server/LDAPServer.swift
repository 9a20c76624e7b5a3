package import Logging
package import NIOCore
import NIOExtras
import NIOPosix
import NIOSSL
package import RosterDirectory
package import RosterModel
package import RosterServing
import ServiceLifecycle
import Synchronization

/// The LDAPv3 server (RFC 4511): `roster serve --ldap` runs it, and nodes resolve users through it.
package struct LDAPServer: Service {
    private let directory: Directory
    private let hashing: any PasswordHashing
    private let failures: FailureLimiter
    private let settings: LDAPServerConfiguration
    private let logger: Logger
    private let onListening: @Sendable (LDAPServerConfiguration.Listener, SocketAddress?) -> Void

    /// - Parameter onListening: called for each listener with its address once it accepts connections.
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
            changes: RateLimiter(.accountKeys), sortBudget: ByteBudget(maximum: settings.maximumSortBytes),
            settings: settings,
            // The hash of no user's password: a new random text each time.
            dummyHash: try? await hashing.hash("\(UInt64.random(in: 0 ... .max))"), logger: logger)
        let connections = ConnectionLimiter(maximum: settings.maximumConnections, logger: logger)
        let quiescing = settings.listeners.map { _ in
            ServerQuiescingHelper(group: MultiThreadedEventLoopGroup.singleton)
        }
        var channels: [any Channel] = []
        do {
            for (listener, helper) in zip(settings.listeners, quiescing) {
                let channel = try await Self.listen(
                    listener, server: server, connections: connections, quiescing: helper)
                channels.append(channel)
                onListening(listener, channel.localAddress)
            }
        } catch {
            for channel in channels { try? await channel.close() }
            throw error
        }
        let open = channels
        // Notifies each connection that the server stops; the connections then close.
        let stop: @Sendable () -> Void = { for helper in quiescing { helper.initiateShutdown(promise: nil) } }
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                for channel in open { try? await channel.closeFuture.get() }
            } onCancel: {
                stop()
            }
        } onGracefulShutdown: {
            stop()
        }
        // Also if the listeners closed by themselves.
        stop()
    }

    /// A handler that serves one connection, without a socket: for tests.
    /// - Parameter address: the client's address, without a port.
    package static func connection(
        directory: Directory, hashing: any PasswordHashing, failures: FailureLimiter = FailureLimiter(),
        settings: LDAPServerConfiguration, address: String
    ) -> any ChannelHandler {
        let server = Session.Server(
            directory: directory, hashing: hashing,
            administration: UserCommandHandler(directory: directory, hashing: hashing), failures: failures,
            changes: RateLimiter(.accountKeys), sortBudget: ByteBudget(maximum: settings.maximumSortBytes),
            settings: settings, dummyHash: nil,
            logger: Logger(label: "ldap", factory: { _ in SwiftLogNoOpLogHandler() }))
        return ConnectionHandler(session: Session(server: server, address: address, isEncrypted: false))
    }

    private static func listen(
        _ listener: LDAPServerConfiguration.Listener, server: Session.Server, connections: ConnectionLimiter,
        quiescing: ServerQuiescingHelper
    ) async throws -> any Channel {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: channel))
                }
            }
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

/// Counts the open connections and refuses those above the limit.
private final class ConnectionLimiter: Sendable {
    private let maximum: Int
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var connections = 0
        var isFull = false
    }

    init(maximum: Int, logger: Logger) {
        self.maximum = maximum
        self.logger = logger
    }

    /// Counts a connection until it closes; false if it exceeds the limit.
    func add(_ channel: any Channel) -> Bool {
        let (isAccepted, isFirstRefusal) = state.withLock { state -> (Bool, Bool) in
            guard state.connections < maximum else {
                defer { state.isFull = true }
                return (false, !state.isFull)
            }
            state.connections += 1
            return (true, false)
        }
        if isFirstRefusal {
            logger.warning("as many nodes are connected as may be", metadata: ["connections": "\(maximum)"])
        }
        guard isAccepted else { return false }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { state in
                state.connections -= 1
                state.isFull = state.connections >= self?.maximum ?? 0
            }
        }
        return true
    }
}
