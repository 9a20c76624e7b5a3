package import Logging
package import NIOCore
import NIOPosix
package import RosterDirectory
package import RosterModel
package import RosterServing
import ServiceLifecycle

/// The LDAPv3 server (RFC 4511): `roster serve --ldap` runs it, and nodes resolve users through it.
package struct LDAPServer: Service {
    private let directory: Directory
    private let hashing: any PasswordHashing
    private let failures: FailureCounter
    private let refusals: RefusalLog
    private let logins: LoginRegister
    private let settings: LDAPServerConfiguration
    private let logger: Logger
    private let onListening: @Sendable (LDAPServerConfiguration.Listener, SocketAddress?) -> Void

    /// - Parameters:
    ///   - logins: records logins; nil forgets them when the server stops.
    ///   - onListening: called for each listener with its address once it accepts connections.
    package init(
        directory: Directory, hashing: any PasswordHashing, failures: FailureCounter = FailureCounter(),
        refusals: RefusalLog = RefusalLog(), logins: LoginRegister? = nil, settings: LDAPServerConfiguration,
        logger: Logger,
        onListening: @escaping @Sendable (LDAPServerConfiguration.Listener, SocketAddress?) -> Void
    ) {
        self.directory = directory
        self.hashing = hashing
        self.failures = failures
        self.refusals = refusals
        self.logins = logins ?? LoginRegister(directory: directory)
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        let server = Session.Server(
            directory: directory, hashing: hashing,
            administration: UserCommandHandler(directory: directory, hashing: hashing), failures: failures,
            refusals: refusals, logins: logins, changes: RateLimiter(.accountKeys),
            sortBudget: ByteBudget(maximum: settings.maximumSortBytes), settings: settings,
            // The hash of no user's password: a new random text each time.
            dummyHash: try? await hashing.hash("\(UInt64.random(in: 0 ... .max))"), logger: logger)
        let (logger, maximum) = (logger, settings.maximumConnections)
        try await ListenerGroup(
            settings.listeners, at: { ($0.host, $0.port) },
            limit: ConnectionLimit(
                maximum: maximum, count: settings.connectionCount,
                onFull: {
                    logger.warning("as many nodes are connected as may be", metadata: ["connections": "\(maximum)"])
                }),
            configure: {
                $0.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .childChannelOption(.socketOption(.so_keepalive), value: 1)
            },
            accept: { channel, listener in
                let pipeline = channel.pipeline.syncOperations
                if listener.isEncrypted, let tls = server.settings.tls {
                    try pipeline.addTLS(tls)
                }
                let session = Session(
                    server: server, address: channel.remoteAddress?.ipAddress ?? "", isEncrypted: listener.isEncrypted)
                try pipeline.addHandler(ConnectionHandler(session: session))
            },
            onListening: onListening
        ).run()
    }

    /// A handler that serves one connection, without a socket: for tests.
    /// - Parameter address: the client's address, without a port.
    package static func connection(
        directory: Directory, hashing: any PasswordHashing, failures: FailureCounter = FailureCounter(),
        logins: LoginRegister? = nil, settings: LDAPServerConfiguration, address: String,
        logger: Logger = Logger(label: "ldap", factory: { _ in SwiftLogNoOpLogHandler() })
    ) -> any ChannelHandler {
        let server = Session.Server(
            directory: directory, hashing: hashing,
            administration: UserCommandHandler(directory: directory, hashing: hashing), failures: failures,
            refusals: RefusalLog(), logins: logins ?? LoginRegister(directory: directory),
            changes: RateLimiter(.accountKeys),
            sortBudget: ByteBudget(maximum: settings.maximumSortBytes), settings: settings, dummyHash: nil,
            logger: logger)
        return ConnectionHandler(session: Session(server: server, address: address, isEncrypted: false))
    }
}
