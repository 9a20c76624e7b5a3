import Logging
import NIOCertificateReloading
import RosterHTTP
import RosterServing
import ServiceLifecycle
import UnixSignals

/// Reads the settings and the certificate again on SIGHUP, and opens the access log again. A fault in the settings is logged and changes nothing; the
/// signal never ends the server.
struct ReloadService: Service {
    /// The settings that the server was started with.
    let settings: Settings
    /// Reads the same flags, environment and file again.
    let read: @Sendable () async throws -> Settings
    let server: HTTPServer
    let log: ServerLog
    let accessLog: AccessLog?
    let tls: ServerTLS?
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            var running = RunningSettings(settings)
            for await _ in signals { await reload(&running) }
        }
    }

    private func reload(_ running: inout RunningSettings) async {
        accessLog?.reopen()
        let settings: Settings
        let limits: ReloadedSettings
        do {
            settings = try await read()
            try settings.check(.server)
            limits = try ReloadedSettings(settings)
        } catch {
            logger.error("SIGHUP: the settings cannot be used; nothing was changed", metadata: ["cause": "\(error)"])
            return
        }
        log.level = limits.logLevel
        server.change(rate: limits.rate, trustedProxies: limits.trustedProxies)
        // A failure is logged by `CertificateLog`.
        try? tls?.reloader.reload()
        let (changed, waiting) = running.update(settings)
        for change in changed {
            logger.notice(
                "a setting has changed",
                metadata: ["setting": "\(change.name)", "from": "\(change.old)", "to": "\(change.new)"])
        }
        for change in waiting {
            logger.warning(
                "a setting has changed and counts after a restart only",
                metadata: ["setting": "\(change.name)", "running": "\(change.old)", "set": "\(change.new)"])
        }
        logger.notice(
            tls == nil
                ? "SIGHUP: the settings were read again" : "SIGHUP: the settings and the certificate were read again",
            metadata: ["changed": "\(changed.count)", "after_restart": "\(waiting.count)"])
    }
}

/// The settings that may change while the server runs.
struct ReloadedSettings {
    let logLevel: Logger.Level
    let rate: RateSetting
    let trustedProxies: TrustedProxies

    /// - Throws: `CommandError` or `RosterError` that names the setting at fault.
    init(_ settings: Settings) throws {
        guard let level = Logger.Level(rawValue: settings.value("log_level") ?? "info") else {
            throw CommandError("--log-level must be trace, debug, info, notice, warning, error or critical")
        }
        logLevel = level
        rate = try settings.value("rate").map { try RateSetting($0) } ?? .accountKeys
        trustedProxies = try settings.value("trusted_proxies").map { try TrustedProxies($0) } ?? .none
    }
}

/// The values that count in a running server, of every setting of the server.
struct RunningSettings {
    private var values: [String: String]

    /// A setting whose value differs from the one that counts, as values are shown.
    struct Change: Equatable {
        let name: String
        let old: String
        let new: String
    }

    /// The values at a start.
    init(_ settings: Settings) { values = Self.values(of: settings) }

    /// Takes over what may change at once.
    /// - Returns: what has changed, and what would change after a restart.
    mutating func update(_ settings: Settings) -> (changed: [Change], waiting: [Change]) {
        let new = Self.values(of: settings)
        var changed: [Change] = []
        var waiting: [Change] = []
        for setting in Setting.all where values[setting.name] != new[setting.name] {
            let shown = { (value: String?) in value.map(setting.shown) ?? "(not set)" }
            let change = Change(
                name: setting.name, old: shown(values[setting.name]), new: shown(new[setting.name]))
            if setting.reload == .atOnce {
                changed.append(change)
                values[setting.name] = new[setting.name]
            } else {
                waiting.append(change)
            }
        }
        return (changed, waiting)
    }

    private static func values(of settings: Settings) -> [String: String] {
        var values: [String: String] = [:]
        for setting in Setting.all where setting.side == .server {
            let value = settings.value(setting.name) ?? setting.defaultValue
            guard case .flag = setting.kind, let flag = value.flatMap(Settings.boolean) else {
                values[setting.name] = value
                continue
            }
            values[setting.name] = "\(flag)"
        }
        return values
    }
}
