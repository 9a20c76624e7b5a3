import RosterModel

/// `HOST:PORT`, with an IPv6 address in brackets.
struct Address: CustomStringConvertible {
    let host: String
    let port: Int

    /// - Throws: `CommandError` if the text has another form.
    init(_ text: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw CommandError("'\(text)' is not HOST:PORT, such as 127.0.0.1:8080") }
        let host = text[..<colon]
        self.port = port
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
        guard !self.host.isEmpty else { throw CommandError("'\(text)' names no host: use 127.0.0.1 or 0.0.0.0") }
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
