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
        var hasPassword = false
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                let name = String(cString: keyword)
                if ["password", "sslpassword"].contains(name) {
                    hasPassword = true
                } else if ["host", "hostaddr", "port", "dbname", "user"].contains(name) {
                    parts.append("\(name)=\(String(cString: value))")
                }
            }
            option += 1
        }
        self.hasPassword = hasPassword
        shown = parts.isEmpty ? "PostgreSQL" : parts.joined(separator: " ")
    }

    /// Whether `text` names a PostgreSQL, rather than a folder.
    package static func isMeant(by text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") || text.contains("=")
    }

    /// Connects, host by host. Blocks its thread; each host gets a few seconds.
    func connect() -> OpaquePointer? {
        // What stands before the string are defaults, what stands behind it is settled.
        let settings: [(String, String)] = [
            ("connect_timeout", "2"), ("target_session_attrs", "read-write"), ("tcp_user_timeout", "5000"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("dbname", text),
            ("fallback_application_name", "roster"), ("client_encoding", "UTF8"),
        ]
        let keywords = settings.map { strdup($0.0) } + [nil]
        let values = settings.map { strdup($0.1) } + [nil]
        defer {
            for pointer in keywords + values { free(pointer) }
        }
        return PQconnectdbParams(keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 1)
    }
}
