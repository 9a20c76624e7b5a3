package import RosterModel

/// The proxies whose `X-Forwarded-For` is believed (`--trusted-proxies`).
package struct TrustedProxies: Sendable, Hashable {
    private let ranges: [IPRange]

    private init(ranges: [IPRange]) {
        self.ranges = ranges
    }

    /// No proxy is trusted, the default: the client is the peer of the connection.
    package static let none = TrustedProxies(ranges: [])

    /// Reads IPv4 and IPv6 addresses and CIDR ranges, separated by commas, with spaces around them or without; text of
    /// nothing but spaces is `none`.
    /// - Throws: `invalidParameter` naming `trusted-proxies` and the number of the entry that is empty, no address, has
    ///   a length that its family lacks, or bits set after that length.
    package init(_ text: some StringProtocol) throws(RosterError) {
        guard text.contains(where: { $0 != " " }) else {
            self = .none
            return
        }
        var ranges: [IPRange] = []
        for (index, entry) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let range = String(entry).drop(while: { $0 == " " })
            let end = range.lastIndex(where: { $0 != " " }).map(range.index(after:)) ?? range.startIndex
            ranges.append(try IPRange(range[..<end], name: "trusted-proxies: entry \(index + 1)"))
        }
        self.init(ranges: ranges)
    }

    /// The address that a request is counted and logged under.
    ///
    /// A proxy adds the address that it was called from at the right of `X-Forwarded-For`; all to the left of it is
    /// what the caller claimed. So the entries are read from the right, each believed because the one that added it is
    /// trusted, up to the first that is not: the client. If an entry is not an address, or the list ends, the
    /// last trusted address is used. The header of an untrusted peer is ignored.
    ///
    /// A caller at a trusted address can claim any other: trust proxies, not their network.
    /// - Parameters:
    ///   - peer: the address at the other end of the connection; it is given back as it is where it is no IP address.
    ///   - lines: the values of all `X-Forwarded-For` lines in the order in which they came.
    /// - Returns: the address as inet_ntop writes it, an IPv4-mapped one as IPv4.
    package func client(peer: String, forwardedFor lines: [String]) -> String {
        guard var client = IPAddress(peer) else { return peer }
        var hops = ForwardedHops(lines)
        while isTrusted(client), let next = hops.next() { client = next }
        return client.description
    }

    /// Whether an address is that of a trusted proxy.
    package func contains(_ address: String) -> Bool { IPAddress(address).map(isTrusted) ?? false }

    private func isTrusted(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}
