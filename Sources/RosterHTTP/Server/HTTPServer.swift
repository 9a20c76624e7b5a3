package import CoreMetrics
import HTTPTypes
package import Logging
package import NIOCore
import NIOPosix
package import NIOSSL
package import RosterDirectory
package import RosterModel
package import RosterServing
import ServiceLifecycle

/// The HTTP and HTTPS server of the API: `roster serve --http` and `--https` run it.
package struct HTTPServer: Service {
    /// An idle or stuck connection is closed after this time.
    private static let idleTimeout = TimeAmount.seconds(60)

    private let handler: APIHandler
    private let settings: Settings
    private let logger: Logger
    private let onListening: @Sendable (Listener, SocketAddress?) async -> Void
    private let limits: CallLimits
    private let limit: ConnectionLimit
    private let listening = ListeningCount()

    /// An address that the server listens on.
    package struct Listener: Sendable {
        package let host: String
        /// 0 means any free port.
        package let port: Int
        /// The TLS settings of connections; nil is plain HTTP.
        package let tls: NIOSSLContext?

        /// A listener on `host` and `port`.
        package init(host: String = "127.0.0.1", port: Int = 8080, tls: NIOSSLContext? = nil) {
            self.host = host
            self.port = port
            self.tls = tls
        }
    }

    /// How the HTTP server listens, and its limits.
    package struct Settings: Sendable {
        package var listeners: [Listener]
        package var userSetName: UserSetName
        /// How many calls an account key may make.
        package var rate: RateSetting
        /// The proxies whose `X-Forwarded-For` the server trusts.
        package var trustedProxies: TrustedProxies
        /// The maximum number of open connections per listener. Further ones wait to be accepted. One client address
        /// may have at most a quarter of them.
        package var maximumConnections: Int
        /// Where each response is logged; nil logs none.
        package var accessLog: AccessLog?

        /// Settings with defaults for one local listener.
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

    /// - Parameters:
    ///   - failures: counts wrong passwords of users; the same for all servers of the process.
    ///   - refusals: logs refused signatures; the same for all servers of the process.
    ///   - logins: records logins; nil forgets them when the server stops.
    ///   - startMessage: what the start of the process waits for, as `GET /health/ready` tells it until the directory is
    ///     loaded. No secret: everybody may ask.
    ///   - othersAreListening: whether the process' other servers accept connections, without which it is not ready.
    ///   - metrics: where the server's metrics are kept; nil measures nothing.
    ///   - onListening: called for each listener, with its address, once it accepts connections.
    package init(
        directory: Directory, hashing: any PasswordHashing, homes: HomeProvisioner?,
        failures: FailureCounter = FailureCounter(), refusals: RefusalLog = RefusalLog(),
        logins: LoginRegister? = nil, settings: Settings, logger: Logger,
        startMessage: @escaping @Sendable () -> String = { "loading the directory" },
        othersAreListening: @escaping @Sendable () -> Bool = { true },
        metrics: (any MetricsFactory)? = nil, onListening: @escaping @Sendable (Listener, SocketAddress?) async -> Void
    ) {
        let router = APIRouter(
            directory: directory, hashing: hashing, homes: homes, failures: failures, logins: logins,
            setName: settings.userSetName)
        let limits = CallLimits(setting: settings.rate, proxies: settings.trustedProxies)
        var handler = APIHandler(
            directory: directory, router: router, limits: limits, startMessage: startMessage,
            everyServerListens: { [listening, count = settings.listeners.count] in
                listening.value >= count && othersAreListening()
            }, refusals: refusals)
        handler.accessLog = settings.accessLog
        handler.metrics = metrics.map { CallMetrics(actions: router.calls.map(\.action), factory: $0) }
        self.handler = handler
        self.limits = limits
        limit = ConnectionLimit(maximum: settings.maximumConnections, isShared: { limits.isProxy($0) })
        self.settings = settings
        self.logger = logger
        self.onListening = { [listening] listener, bound in
            listening.increment()
            await onListening(listener, bound)
        }
    }

    /// Sets the rate and the trusted proxies while the server runs. A new rate gives every key all its calls again.
    package func change(rate: RateSetting, trustedProxies: TrustedProxies) {
        limits.change(setting: rate, proxies: trustedProxies)
    }

    /// How many connections are open.
    package var connectionCount: Int { limit.count.value }

    /// The response to `GET /health/live` and `GET /health/ready`, as its status and JSON; nil for any other path.
    package func health(_ path: String) -> (status: Int, body: String)? {
        let response: APIResponse
        switch path {
        case "/health/live": response = handler.liveness()
        case "/health/ready": response = handler.readiness()
        default: return nil
        }
        return (response.status.code, String(buffer: response.body))
    }

    /// Whether `GET /health/ready` answers that the server is ready.
    package var isReady: Bool { handler.readiness().status == .ok }

    package func run() async throws {
        try await ListenerGroup(
            settings.listeners, at: { ($0.host, $0.port) },
            limit: limit,
            configure: {
                // Few responses wait for a client that does not read.
                $0.childChannelOption(.allowRemoteHalfClosure, value: true)
                    .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 << 10, high: 32 << 10))
            },
            accept: { channel, listener in
                if let tls = listener.tls { try channel.pipeline.syncOperations.addTLS(tls) }
                try HTTPConnectionHandler.configure(
                    channel, handler: handler, idleTimeout: Self.idleTimeout, logger: logger)
            },
            onListening: onListening
        ).run()
    }
}
