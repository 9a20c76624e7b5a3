import CPostgres
import Glibc
import RosterModel

/// The address of the database: a connection string in one of libpq's forms, which may name several hosts.
package struct ServerAddress: Sendable {
    /// The settings of the string, except hosts.
    private let settings: [(String, String)]
    /// The host settings as the string has them.
    private let hostSettings: [(String, String)]
    /// The string without its password, for messages.
    package let redacted: String
    /// Whether the string holds a password.
    package let hasPassword: Bool

    /// Why a text is not a connection string: one line that quotes nothing of the text, which may hold a password.
    package struct AddressError: Error, CustomStringConvertible {
        package let description: String

        static let unreadable = AddressError(
            description:
                "not a connection string of PostgreSQL, such as postgres://roster@db1,db2/roster; in a URI, the "
                + "characters % # / @ : of a password are written %25 %23 %2F %40 %3A")
    }

    /// The hosts of the string, one by one; empty if it names none and libpq's default applies.
    package let hosts: [Host]

    /// One of the hosts that may run the server.
    package struct Host: Sendable, Hashable {
        package var name: String?
        package var address: String?
        /// Nil for libpq's default.
        package var port: String?

        fileprivate var settings: [(String, String)] {
            [("host", name), ("hostaddr", address), ("port", port)].compactMap { setting in
                setting.1.map { (setting.0, $0) }
            }
        }
    }

    private static let hostNames: Set<String> = ["host", "hostaddr", "port"]

    /// Parses a connection string.
    /// - Throws: `AddressError` if libpq cannot read it, or would take a password for something else.
    package init(_ text: String) throws(AddressError) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            PQfreemem(message)
            throw .unreadable
        }
        defer { PQconninfoFree(options) }
        var values: [(name: String, value: String)] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values.append((String(cString: keyword), String(cString: value))) }
            option += 1
        }
        let byName = Dictionary(values.map { ($0.name, $0.value) }) { first, _ in first }
        guard !(byName["port"] ?? "").contains(where: { !$0.isNumber && $0 != "," }),
            !(byName["dbname"] ?? "").contains("@"), !(byName["host"] ?? "").contains("@")
        else { throw .unreadable }
        settings = values.filter { !Self.hostNames.contains($0.name) }
        hostSettings = values.filter { Self.hostNames.contains($0.name) }
        hasPassword = byName["password"] != nil || byName["sslpassword"] != nil
        let parts = values.filter { Self.hostNames.contains($0.name) || ["dbname", "user"].contains($0.name) }
        redacted = parts.isEmpty ? "PostgreSQL" : parts.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        hosts = Self.hosts(byName)
    }

    /// Hosts, addresses and ports are matched by position; a single port applies to all.
    private static func hosts(_ values: [String: String]) -> [Host] {
        func list(_ name: String) -> [String] {
            values[name].map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
        }
        func element(_ list: [String], _ index: Int) -> String? {
            list.indices.contains(index) && !list[index].isEmpty ? list[index] : nil
        }
        let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        return (0..<max(names.count, addresses.count)).map { index in
            Host(
                name: element(names, index), address: element(addresses, index),
                port: element(ports, ports.count == 1 ? 0 : index))
        }
    }

    /// Where the server is, for messages that anybody may read: `PostgreSQL at db1,db2:5433`. No account and no password.
    package var place: String {
        guard !hosts.isEmpty else { return "PostgreSQL" }
        let names = hosts.map { host in
            (host.name ?? host.address ?? "localhost") + (host.port.map { ":\($0)" } ?? "")
        }
        return "PostgreSQL at \(names.joined(separator: ","))".sanitizedForDisplay(limit: 300)
    }

    /// Whether `text` is an address of PostgreSQL rather than a folder.
    package static func isMeant(by text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
            || text.contains("=") && !text.hasPrefix("/") && !text.hasPrefix(".")
    }

    /// Connects to `host`, or to one host after the other. Blocks its thread; each host gets two seconds.
    func connect(to host: Host? = nil) -> OpaquePointer? {
        // If a setting occurs twice, the last one counts: those before the string are defaults, those after it are
        // fixed.
        let all: [(String, String)] =
            [
                ("connect_timeout", "2"), ("target_session_attrs", "read-write"), ("tcp_user_timeout", "5000"),
                ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ] + settings + (host?.settings ?? hostSettings)
            + [("fallback_application_name", "roster"), ("client_encoding", "UTF8")]
        let keywords = all.map { strdup($0.0) } + [nil]
        let values = all.map { strdup($0.1) } + [nil]
        defer {
            for pointer in keywords + values { free(pointer) }
        }
        return PQconnectdbParams(keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
    }
}
