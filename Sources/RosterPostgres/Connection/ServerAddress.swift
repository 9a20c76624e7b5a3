import CPostgres
import Glibc

/// Where the database is: a connection string in one of libpq's forms, several hosts included.
package struct ServerAddress: Sendable {
    private let text: String
    /// The string without its password, for messages.
    package let shown: String
    /// Whether the string holds a password.
    package let hasPassword: Bool

    /// Why a text is no connection string; one line.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    /// The hosts of the string, one by one; none where it names none, and libpq's own default is meant.
    let hosts: [Host]

    /// One of the places where a server may be.
    struct Host: Sendable, Hashable {
        var name: String?
        var address: String?
        var port: String?

        fileprivate var settings: [(String, String)] {
            // An empty value is libpq's default.
            [("host", name ?? ""), ("hostaddr", address ?? ""), ("port", port ?? "")]
        }
    }

    /// - Throws: `Fault` with what libpq says of it.
    package init(_ text: String) throws(Fault) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            defer { PQfreemem(message) }
            throw Fault(description: "not a connection string of PostgreSQL: \(ServerConnection.line(message))")
        }
        defer { PQconninfoFree(options) }
        self.text = text
        var parts: [String] = []
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                let name = String(cString: keyword)
                values[name] = String(cString: value)
                if ["host", "hostaddr", "port", "dbname", "user"].contains(name) {
                    parts.append("\(name)=\(String(cString: value))")
                }
            }
            option += 1
        }
        hasPassword = values["password"] != nil || values["sslpassword"] != nil
        shown = parts.isEmpty ? "PostgreSQL" : parts.joined(separator: " ")
        hosts = Self.hosts(values)
    }

    /// Hosts, addresses and ports go together by their places; one port is everybody's.
    private static func hosts(_ values: [String: String]) -> [Host] {
        func list(_ name: String) -> [String] {
            values[name].map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
        }
        let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        return (0..<max(names.count, addresses.count)).map { index in
            Host(
                name: names.indices.contains(index) ? names[index] : nil,
                address: addresses.indices.contains(index) ? addresses[index] : nil,
                port: ports.count == 1 ? ports[0] : ports.indices.contains(index) ? ports[index] : nil)
        }
    }

    /// Whether `text` names a PostgreSQL, rather than a folder.
    package static func isMeant(by text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") || text.contains("=")
    }

    /// Connects to `host`, or host by host. Blocks its thread; each host gets two seconds.
    func connect(to host: Host? = nil) -> OpaquePointer? {
        // What stands before the string are defaults, what stands behind it is settled.
        let settings: [(String, String)] =
            [
                ("connect_timeout", "2"), ("target_session_attrs", "read-write"), ("tcp_user_timeout", "5000"),
                ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("dbname", text),
                ("fallback_application_name", "roster"), ("client_encoding", "UTF8"),
            ] + (host?.settings ?? [])
        let keywords = settings.map { strdup($0.0) } + [nil]
        let values = settings.map { strdup($0.1) } + [nil]
        defer {
            for pointer in keywords + values { free(pointer) }
        }
        return PQconnectdbParams(keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 1)
    }
}
