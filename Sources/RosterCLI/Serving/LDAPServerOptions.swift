import ArgumentParser
import CoreMetrics
import Logging
import NIOCore
import RosterDirectory
import RosterLDAP
import RosterModel
import RosterServing
import ServiceLifecycle

/// The options of `roster serve` for the LDAP server.
struct LDAPServerOptions: ParsableArguments {
    @Option(help: .setting("ldap"))
    var ldap: String?

    @Option(help: .setting("ldaps"))
    var ldaps: String?

    @Option(help: .setting("ldap_base"))
    var ldapBase: String?

    @Option(help: .setting("ldap_naming"))
    var ldapNaming: String?

    @Flag(help: .setting("ldap_clear_passwords"))
    var ldapClearPasswords = false

    @Flag(help: .setting("keep_weak_hashes"))
    var keepWeakHashes = false

    @Option(help: .setting("ldap_filter_parts"))
    var ldapFilterParts: String?

    var flags: [String: String?] {
        [
            "ldap": ldap, "ldaps": ldaps, "ldap_base": ldapBase, "ldap_naming": ldapNaming,
            "ldap_clear_passwords": ldapClearPasswords ? "true" : nil,
            "keep_weak_hashes": keepWeakHashes ? "true" : nil, "ldap_filter_parts": ldapFilterParts,
        ]
    }
}

/// The LDAP server that the settings describe.
struct LDAPService {
    private var settings: LDAPServerConfiguration?

    /// How many addresses it listens on.
    var listenerCount: Int { settings?.listeners.count ?? 0 }

    /// How many connections are open.
    var connectionCount: Int { settings?.connectionCount.value ?? 0 }

    /// How many connections each listener has at once; 0 without a listener, in which case setting it has no effect.
    var maximumConnections: Int {
        get { settings?.maximumConnections ?? 0 }
        set { settings?.maximumConnections = newValue }
    }

    /// - Parameter tls: the server's certificate, if it has one.
    /// - Throws: `CommandError` that names the setting at fault.
    init(_ settings: Settings, tls: ServerTLS?) throws {
        var listeners: [LDAPServerConfiguration.Listener] = []
        for (name, isEncrypted) in [("ldap", false), ("ldaps", true)] {
            guard let text = settings.value(name) else { continue }
            let address = try Address(text)
            listeners.append(.init(host: address.host, port: address.port, isEncrypted: isEncrypted))
        }
        guard !listeners.isEmpty else {
            self.settings = nil
            return
        }
        guard let naming = DirectoryInformationTree.RDNAttribute(rawValue: settings.value("ldap_naming") ?? "uid")
        else {
            throw CommandError("--ldap-naming must be uid or cn")
        }
        let tree: DirectoryInformationTree
        do throws(RosterError) {
            tree = try DirectoryInformationTree(
                base: settings.value("ldap_base") ?? DirectoryInformationTree.defaultBase, naming: naming)
        } catch {
            throw CommandError("--ldap-base: \(error)")
        }
        var result = LDAPServerConfiguration(tree: tree, listeners: listeners)
        result.allowsClearPasswords = try settings.flag("ldap_clear_passwords")
        if let text = settings.value("ldap_filter_parts") {
            guard let parts = Int(text), (1...SearchFilter.maximumNodes).contains(parts) else {
                throw CommandError("--ldap-filter-parts must be from 1 to \(SearchFilter.maximumNodes)")
            }
            result.maximumFilterParts = parts
        }
        result.renewsWeakHashes = try !settings.flag("keep_weak_hashes")
        if settings.value("ldaps") != nil { _ = try tls.required(for: "--ldaps") }
        result.tls = tls?.context
        self.settings = result
    }

    private let listening = ListeningCount()

    /// Whether all of its addresses accept connections.
    var isListening: Bool { listening.value >= listenerCount }

    /// The services to run; none if no LDAP listener is set.
    /// - Parameters:
    ///   - failures: counts wrong passwords; the same for all servers of the process.
    ///   - refusals: logs refused binds; the same for all servers of the process.
    ///   - logins: records logins; the same for all servers of the process.
    ///   - metrics: where the server's metrics are kept; nil measures nothing.
    func services(
        directory: Directory, hashing: any PasswordHashing, failures: FailureCounter, refusals: RefusalLog,
        logins: LoginRegister, metrics: (any MetricsFactory)?, logger: Logger
    ) -> [any Service] {
        guard var settings else { return [] }
        settings.metrics = metrics.map { LDAPMetrics($0) }
        let server = LDAPServer(
            directory: directory, hashing: hashing, failures: failures, refusals: refusals, logins: logins,
            settings: settings, logger: logger,
            onListening: { [listening] listener, bound in
                listening.increment()
                let scheme = listener.isEncrypted ? "ldaps" : "ldap"
                logger.notice(
                    "listening on \(scheme)://\(bound?.ipAddress ?? listener.host):\(bound?.port ?? listener.port)")
            })
        return [server]
    }
}
