import RosterModel

/// One address, or all addresses with the same first bits (CIDR, RFC 4632).
struct IPRange: Sendable, Hashable {
    private let first: IPAddress
    /// In bits of the IPv6 form: for IPv4, 96 more than the number after the slash.
    private let prefix: Int

    /// Parses `ADDRESS` or `ADDRESS/BITS`. Bits after the prefix must be zero: `10.1.2.3/8` may mean one host or
    /// sixteen million, and trust must not depend on a guess.
    /// - Parameter name: the name of the setting, for the message.
    /// - Throws: `invalidParameter` for `name` if the address is invalid, the length is too large for its family, or
    ///   bits after the prefix are set.
    init(_ text: some StringProtocol, name: String) throws(RosterError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else {
            throw .invalid(name, "is no IPv4 or IPv6 address or range such as 10.0.0.0/8")
        }
        first = address
        guard parts.count == 2 else {
            prefix = 128
            return
        }
        // Not isIPv4: the prefix of a mapped address counts bits of the IPv6 form in which it is written.
        let isWrittenAsIPv4 = !parts[0].utf8.contains(UInt8(ascii: ":"))
        var digits = DigitReader(Array(parts[1].utf8)[...])
        guard let written = digits.number(1...3), digits.isAtEnd, written <= (isWrittenAsIPv4 ? 32 : 128) else {
            throw .invalid(name, "the length after / must be from 0 to \(isWrittenAsIPv4 ? 32 : 128)")
        }
        prefix = isWrittenAsIPv4 ? written + 96 : written
        guard address.network(prefix: prefix) == address else {
            throw .invalid(name, "has bits set after its first \(written)")
        }
    }

    /// Whether the range contains `address`. An IPv6 range never contains an IPv4 address, not even `::/0`: its author
    /// meant the other family.
    func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 == first.isIPv4 && address.network(prefix: prefix) == first
    }
}
