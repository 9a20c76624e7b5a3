import ArgumentParser
import CoreMetrics
import Foundation
import Logging
import NIOCore
import RosterCredentials
import RosterDirectory
import RosterHTTP
import RosterHomes
import RosterLDAP
import RosterMetrics
import RosterModel
import RosterServing
import RosterSnapshot
import RosterStore
import ServiceLifecycle
import UnixSignals

/// `roster serve`: runs the API server and the LDAP server.
struct ServeSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the directory.",
        discussion: """
            Examples:
              roster serve --data /var/lib/roster
              roster serve --data ./data --http 0.0.0.0:8080 --log-level debug
              roster serve --store "postgres://roster@db1,db2/roster" --seal-key /etc/roster/seal.key --http 0.0.0.0:8080

            Settings come from flags, then the environment (ROSTER_HTTP, ROSTER_USER_SET, ROSTER_RATE, …), then the file of
            --config.
            """)

    @OptionGroup var data: StoreOptions

    @Option(help: .setting("http"))
    var http: String?

    @Option(help: .setting("user_set"))
    var userSet: String?

    @Option(help: .setting("rate"))
    var rate: String?

    @Option(help: .setting("trusted_proxies"))
    var trustedProxies: String?

    @Option(help: .setting("https"))
    var https: String?

    @Option(help: .setting("metrics"))
    var metrics: String?

    @OptionGroup var certificate: TLSOptions

    @OptionGroup var nodes: LDAPServerOptions

    @Flag(help: .setting("homes"))
    var homes = false

    @Option(help: .setting("home_root"))
    var homeRoot: String?

    @Option(help: .setting("skeleton"))
    var skeleton: String?

    @Option(help: .setting("log_level"))
    var logLevel: String?

    @Option(help: .setting("log_format"))
    var logFormat: String?

    @Option(help: .setting("access_log"))
    var accessLog: String?

    @Option(help: ArgumentHelp("A YAML file with settings.", valueName: "file"))
    var config: String?

    /// The flags by the names of the settings.
    var flags: [String: String?] {
        [
            "http": http, "https": https, "metrics": metrics, "user_set": userSet, "log_level": logLevel,
            "log_format": logFormat, "access_log": accessLog, "rate": rate,
            "trusted_proxies": trustedProxies, "homes": homes ? "true" : nil, "home_root": homeRoot,
            "skeleton": skeleton, "store": data.store, "seal_key": data.sealKey,
        ].merging(nodes.flags) { own, _ in own }.merging(certificate.flags) { own, _ in own }
    }

    func run() async throws {
        // Until `ReloadService` runs: a reload that comes early must not end the server.
        signal(SIGHUP, SIG_IGN)
        CoreDumpLimit.disable()
        let connections = DescriptorLimit.raise()
        let settings = try await Settings(flags: flags, file: config)
        try settings.check(.server)
        let address = try Address(settings.value("http") ?? "127.0.0.1:8080")
        guard let setName = UserSetName(rawValue: settings.value("user_set") ?? "both") else {
            throw CommandError("--user-set must be both, user_set or users_set")
        }
        let reloaded = try ReloadedSettings(settings)
        let log = ServerLog(
            format: ServerLog.Format(rawValue: settings.value("log_format") ?? "text") ?? .text,
            level: reloaded.logLevel)
        LoggingSystem.bootstrap { log.handler(label: $0) }
        let logger = Logger(label: "roster")
        let tls = try ServerTLS(settings, logger: logger)
        var listeners = [HTTPServer.Listener(host: address.host, port: address.port)]
        if let text = settings.value("https") {
            let address = try Address(text)
            listeners.append(
                .init(host: address.host, port: address.port, tls: try tls.required(for: "--https").context))
        }
        var serverSettings = HTTPServer.Settings(
            listeners: listeners, userSetName: setName,
            rate: reloaded.rate, trustedProxies: reloaded.trustedProxies)
        serverSettings.accessLog = try settings.value("access_log").map { try AccessLog(file: $0, logger: logger) }
        let maker = try Self.homeCreator(settings)
        var nodes = try LDAPService(settings, tls: tls)
        Self.limitConnections(of: &serverSettings, and: &nodes, to: connections, logger: logger)
        let source = try data.source(settings.value)
        let lock = try source.lockForServing(address: address.description)
        defer {
            serverSettings.accessLog?.flush()
            lock?.release()
        }
        try await Self.serve(
            source, lock: lock, address: address, settings: serverSettings, tls: tls, nodes: nodes, maker: maker,
            metrics: try settings.value("metrics").map { try Address($0) }, logger: logger
        ) { [flags, config, serverSettings] server in
            ReloadService(
                settings: settings, read: { try await Settings(flags: flags, file: config) }, server: server, log: log,
                accessLog: serverSettings.accessLog, tls: tls, logger: logger)
        }
    }

    /// Nil without `--homes`.
    /// - Throws: `CommandError` if there is no home root, or one that is not a plain absolute path.
    private static func homeCreator(_ settings: Settings) throws -> HomeCreator? {
        guard try settings.flag("homes") else {
            guard settings.value("home_root") == nil else { throw CommandError("--home-root needs --homes") }
            return nil
        }
        guard let roots = settings.value("home_root") else {
            throw CommandError(
                "--homes needs --home-root: the folders below which homes may be made, such as /share, separated by "
                    + "commas")
        }
        do throws(HomeError) {
            return try HomeCreator(
                skeleton: settings.value("skeleton") ?? "/etc/skel",
                roots: roots.utf8.split(separator: UInt8(ascii: ",")).map {
                    String(decoding: $0.trimmingSpaces(), as: UTF8.self)
                })
        } catch {
            throw CommandError("--home-root: \(error)")
        }
    }

    /// Shares `connections` out equally among the listeners, so that accepting never fails for want of descriptors.
    private static func limitConnections(
        of http: inout HTTPServer.Settings, and nodes: inout LDAPService, to connections: Int, logger: Logger
    ) {
        let share = max(4, connections / max(1, http.listeners.count + nodes.listenerCount))
        guard share < max(http.maximumConnections, nodes.maximumConnections) else { return }
        http.maximumConnections = min(http.maximumConnections, share)
        nodes.maximumConnections = min(nodes.maximumConnections, share)
        logger.warning(
            "the limit of open files leaves few connections; raise it with LimitNOFILE= or ulimit -n",
            metadata: ["connections_per_listener": "\(share)"])
    }

    private static func serve(
        _ source: StoreSource, lock: FileLock?, address: Address, settings: HTTPServer.Settings,
        tls: ServerTLS?, nodes: LDAPService, maker: HomeCreator?, metrics: Address?, logger: Logger,
        reloading: (HTTPServer) -> ReloadService
    ) async throws {
        let registry = metrics.map { _ in MetricsRegistry() }
        let lastBackup = source.folder.map { LastBackup(of: $0) }
        let progress = StartProgress(place: source.place)
        let directory = Directory(
            verifying: HMACSignatures(), clock: { .now }, report: { $0.write(to: logger) },
            metrics: registry ?? NOOPMetricsHandler.instance)
        let homes = maker.map { maker in
            HomeProvisioner(directory: directory, maker: maker) { home in
                logger.warning(
                    "a home could not be made",
                    metadata: [
                        "job": "\(home.job)", "cluster": "\(home.cluster)",
                        "name": "\(home.name.sanitizedForDisplay())",
                        "cause": "\(home.cause)",
                    ])
            }
        }
        let hashing = CryptHasher()
        // One for all servers: who guesses passwords over LDAP is known over HTTP too.
        let (failures, refusals) = (FailureCounter(), RefusalLog())
        let logins = LoginRegister(directory: directory)
        let server = HTTPServer(
            directory: directory, hashing: hashing, homes: homes, failures: failures, refusals: refusals,
            logins: logins, settings: settings, logger: logger, startMessage: { progress.message },
            othersAreListening: { nodes.isListening },
            metrics: registry,
            onListening: { listener, bound in
                // If any free port was requested, the port is known only now.
                let address = bound.map(describe) ?? "\(listener.host):\(listener.port)"
                if listener.tls == nil { lock?.text = "process \(getpid()) on \(address)" }
                logger.notice("listening on \(listener.tls == nil ? "http" : "https")://\(address)")
            })
        var watching: [any Service] = []
        if let metrics, let registry {
            let collected = ServerMetrics(
                directory: directory, server: server, progress: progress, nodes: nodes, certificate: tls?.log,
                backupTime: { lastBackup?.time })
            registry.collect { collected.write(to: &$0) }
            watching = [
                Self.metricsServer(metrics, registry: registry, server: server, logger: logger),
                EventLoopWatchdog(metrics: registry, logger: logger),
            ]
        }
        if let notifier = SystemdNotifier(
            environment: ProcessInfo.processInfo.environment, directory: directory, server: server, progress: progress)
        {
            watching.append(notifier)
        }
        // Health checks are answered while a database is waited for, and while a large directory loads. The record of
        // logins is stopped last, when no server adds to it.
        var configuration = ServiceGroupConfiguration(
            services: [LoginService(directory: directory, logins: logins, logger: logger), server, reloading(server)]
                + (tls.map { [$0.reloader] } ?? []) + watching
                + nodes.services(
                    directory: directory, hashing: hashing, failures: failures, refusals: refusals, logins: logins,
                    metrics: registry, logger: logger)
                + [
                    DirectoryService(
                        directory: directory, source: source, homes: homes, progress: progress, logger: logger),
                    // The last service is stopped first.
                    StopService(logger: logger),
                ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let failure as CommandError {
            throw failure
        } catch let failure as StoreError {
            throw CommandError("cannot load the directory: \(failure)")
        } catch let error as IOError {
            throw CommandError("cannot listen on \(address): \(String(cString: strerror(error.errnoCode)))")
        } catch {
            throw CommandError("cannot serve on \(address): \(error)")
        }
    }

    private static func metricsServer(
        _ address: Address, registry: MetricsRegistry, server: HTTPServer, logger: Logger
    ) -> MetricsServer {
        MetricsServer(
            host: address.host, port: address.port, registry: registry,
            health: { path in
                server.health(path).map { .init(status: $0.status, type: "application/json", body: $0.body) }
            },
            onListening: { bound in
                logger.notice("metrics on http://\(bound.map(describe) ?? address.description)")
            })
    }

    private static func describe(_ address: SocketAddress) -> String {
        "\(address.ipAddress ?? "?"):\(address.port ?? 0)"
    }
}
