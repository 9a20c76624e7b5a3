import RosterModel

/// One address, or the addresses that begin with the same bits (CIDR, RFC 4632).
struct IPRange: Sendable, Hashable {
    private let first: IPAddress
    /// In bits of the IPv6 form: 96 more than what is written after an IPv4 address.
    private let prefix: Int

    /// Reads `ADDRESS` or `ADDRESS/BITS`. Bits after the prefix must be zero: with `10.1.2.3/8` it is a guess whether
    /// one host is meant or sixteen million, and a guess must not say whom to trust.
    /// - Parameter name: the setting at fault, for the message.
    /// - Throws: `invalidParameter` naming `name`: no address, a length that the family lacks, or bits after the
    ///   prefix.
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
        // Not isIPv4: the prefix of a mapped address counts the bits of what is written, an IPv6 one.
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

    /// An IPv6 range never holds an IPv4 address, not even `::/0`: whoever wrote it had the other family in mind.
    func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 == first.isIPv4 && address.network(prefix: prefix) == first
    }
}
