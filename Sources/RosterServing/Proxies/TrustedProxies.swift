package import RosterModel

/// The proxies whose `X-Forwarded-For` is trusted (`--trusted-proxies`).
package struct TrustedProxies: Sendable, Hashable {
    private let ranges: [IPRange]

    private init(ranges: [IPRange]) {
        self.ranges = ranges
    }

    /// Trusts no proxy, the default: the client is the peer of the connection.
    package static let none = TrustedProxies(ranges: [])

    /// Parses IPv4 and IPv6 addresses and CIDR ranges, separated by commas, optionally with spaces around them. Text of
    /// spaces only is `none`.
    /// - Throws: `invalidParameter` for `trusted-proxies` with the number of the entry that is empty, not an address,
    ///   has a length that is too large for its family, or has bits set after that length.
    package init(_ text: some StringProtocol) throws(RosterError) {
        guard text.contains(where: { $0 != " " }) else {
            self = .none
            return
        }
        var ranges: [IPRange] = []
        for (index, entry) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let range = Substring(String(entry).utf8.trimmingSpaces())
            ranges.append(try IPRange(range, name: "trusted-proxies: entry \(index + 1)"))
        }
        self.init(ranges: ranges)
    }

    /// The address under which a request is counted and logged.
    ///
    /// A proxy appends the address of its caller at the right of `X-Forwarded-For`; everything to the left of it is
    /// what that caller claimed. So the entries are read from the right: each is believed if the proxy that added it is
    /// trusted, up to the first address that is not trusted, which is the client's. If an entry is not an address, or
    /// the list ends, the last trusted address is used. The header of an untrusted peer is ignored.
    ///
    /// A caller at a trusted address can claim any other address, so trust the proxies, not their network.
    /// - Parameters:
    ///   - peer: the address at the other end of the connection; it is returned unchanged if it is not an IP address.
    ///   - lines: the values of all `X-Forwarded-For` lines in the order received.
    /// - Returns: the address as inet_ntop writes it; an IPv4-mapped one as IPv4.
    package func client(peer: String, forwardedFor lines: [String]) -> String {
        guard var client = IPAddress(peer) else { return peer }
        var hops = ForwardedHops(lines)
        while isTrusted(client), let next = hops.next() { client = next }
        return client.description
    }

    /// Whether `address` is that of a trusted proxy.
    package func contains(_ address: String) -> Bool { IPAddress(address).map(isTrusted) ?? false }

    private func isTrusted(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}
