import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
package import Roster
import ServiceLifecycle

/// The API over HTTP: what `roster serve --http` runs.
package struct HTTPFace: Service {
    /// What answers say of the server.
    static let serverName = "roster"

    private let application: Application<APIResponder>

    package struct Settings: Sendable {
        package var host: String
        /// 0 is any free port.
        package var port: Int
        package var userSetName: UserSetName
        /// How many calls an account key may make.
        package var rate: RateSetting
        /// Whose word on a client's address is taken.
        package var trustedProxies: TrustedProxies
        /// How many connections are open at once; more wait to be accepted.
        package var maximumConnections: Int

        package init(
            host: String = "127.0.0.1", port: Int = 8080, userSetName: UserSetName = .both,
            rate: RateSetting = .accountKeys, trustedProxies: TrustedProxies = .none, maximumConnections: Int = 10_000
        ) {
            self.host = host
            self.port = port
            self.userSetName = userSetName
            self.rate = rate
            self.trustedProxies = trustedProxies
            self.maximumConnections = maximumConnections
        }
    }

    /// - Parameter onListening: told the address once connections are taken.
    package init(
        directory: Directory, hashing: any PasswordHashing, chaining: any EventChaining, homes: HomeJobs?,
        settings: Settings, logger: Logger,
        onListening: @escaping @Sendable (SocketAddress?) async -> Void
    ) {
        let desk = APIDesk(
            directory: directory,
            router: APIRouter(
                directory: directory, hashing: hashing, chaining: chaining, homes: homes,
                setName: settings.userSetName),
            limits: CallLimits(setting: settings.rate, proxies: settings.trustedProxies))
        application = Application(
            responder: APIResponder(desk: desk),
            // An idle or stuck connection is closed after a minute.
            server: HTTPServerBuilder { responder in
                QuickChannel(responder: responder, desk: desk, idleTimeout: .seconds(60))
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: Self.serverName, backlog: 1024,
                availableConnectionsDelegate: .maximum(settings.maximumConnections, logger: logger)),
            onServerRunning: { channel in await onListening(channel.localAddress) },
            logger: logger)
    }

    package func run() async throws {
        try await application.run()
    }
}
