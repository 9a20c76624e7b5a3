import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
package import NIOSSL
package import RosterDirectory
package import RosterModel
package import RosterServing
import ServiceLifecycle

/// The API over HTTP and HTTPS: what `roster serve --http` and `--https` run.
package struct HTTPServer: Service {
    /// The `Server` header of responses.
    static let serverName = "roster"

    private let applications: [Application<APIResponder>]

    /// An address that the server listens on.
    package struct Listener: Sendable {
        package let host: String
        /// 0 is any free port.
        package let port: Int
        /// The TLS settings of connections; nil is plain HTTP.
        package let tls: NIOSSLContext?

        package init(host: String = "127.0.0.1", port: Int = 8080, tls: NIOSSLContext? = nil) {
            self.host = host
            self.port = port
            self.tls = tls
        }
    }

    package struct Settings: Sendable {
        package var listeners: [Listener]
        package var userSetName: UserSetName
        /// How many calls an account key may make.
        package var rate: RateSetting
        /// The proxies whose `X-Forwarded-For` the server trusts.
        package var trustedProxies: TrustedProxies
        /// The most connections that are open at once at each address. Further ones wait to be accepted.
        package var maximumConnections: Int

        package init(
            listeners: [Listener] = [Listener()], userSetName: UserSetName = .both,
            rate: RateSetting = .accountKeys, trustedProxies: TrustedProxies = .none, maximumConnections: Int = 10_000
        ) {
            self.listeners = listeners
            self.userSetName = userSetName
            self.rate = rate
            self.trustedProxies = trustedProxies
            self.maximumConnections = maximumConnections
        }
    }

    /// - Parameter onListening: called for each listener, with its address, once it accepts connections.
    package init(
        directory: Directory, hashing: any PasswordHashing, chaining: any EventChaining, homes: HomeProvisioner?,
        settings: Settings, logger: Logger,
        onListening: @escaping @Sendable (Listener, SocketAddress?) async -> Void
    ) {
        let handler = APIHandler(
            directory: directory,
            router: APIRouter(
                directory: directory, hashing: hashing, chaining: chaining, homes: homes,
                setName: settings.userSetName),
            limits: CallLimits(setting: settings.rate, proxies: settings.trustedProxies))
        applications = settings.listeners.map { listener in
            Application(
                responder: APIResponder(handler: handler),
                // An idle or stuck connection is closed after a minute.
                server: HTTPServerBuilder { responder in
                    FastPathChannel(
                        responder: responder, handler: handler, tls: listener.tls, idleTimeout: .seconds(60))
                },
                configuration: ApplicationConfiguration(
                    address: .hostname(listener.host, port: listener.port), serverName: Self.serverName, backlog: 1024,
                    availableConnectionsDelegate: .maximum(settings.maximumConnections, logger: logger)),
                onServerRunning: { channel in await onListening(listener, channel.localAddress) },
                logger: logger)
        }
    }

    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for application in applications { group.addTask { try await application.run() } }
            // A listener that fails ends all of them.
            try await group.waitForAll()
        }
    }
}
