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
    /// What answers say of the server.
    static let serverName = "roster"

    private let applications: [Application<APIResponder>]

    /// An address that connections are taken on.
    package struct Listener: Sendable {
        package let host: String
        /// 0 is any free port.
        package let port: Int
        /// What connections are encrypted by; nil is plain HTTP.
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
        /// Whose word on a client's address is taken.
        package var trustedProxies: TrustedProxies
        /// How many connections are open at once at each address; more wait to be accepted.
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

    /// - Parameter onListening: told, for each listener, its address once connections are taken.
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
            // One that cannot listen ends them all.
            try await group.waitForAll()
        }
    }
}
