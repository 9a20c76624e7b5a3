import RosterModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An IPv4 or IPv6 address. An IPv4 address equals its IPv4-mapped IPv6 form (`::ffff:192.0.2.1`), which a dual-stack
/// socket reports.
package struct IPAddress: Sendable, Hashable {
    /// The 128 bits of the IPv6 form, most significant first.
    package let bits: UInt128

    /// The prefix of the IPv6 form of every IPv4 address (RFC 4291, 2.5.5.2).
    private static let mappedPrefix: UInt128 = 0xffff << 32

    private init(bits: UInt128) {
        self.bits = bits
    }

    /// Parses what inet_pton accepts: four decimal numbers without leading zeros, or an IPv6 address without brackets
    /// and zone.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        // The C function would ignore everything from a NUL on.
        guard text.utf8.count < Int(INET6_ADDRSTRLEN), !text.utf8.contains(0) else { return nil }
        var short: UInt32 = 0
        if inet_pton(AF_INET, text, &short) == 1 {
            bits = Self.mappedPrefix | UInt128(UInt32(bigEndian: short))
            return
        }
        var long: UInt128 = 0
        guard inet_pton(AF_INET6, text, &long) == 1 else { return nil }
        bits = UInt128(bigEndian: long)
    }

    /// Whether this is an IPv4 address, mapped ones included.
    package var isIPv4: Bool { bits >> 32 == Self.mappedPrefix >> 32 }

    /// Whether this is a loopback address: 127.0.0.0/8 or `::1`.
    package var isLoopback: Bool { isIPv4 ? bits >> 24 & 0xFF == 127 : bits == 1 }

    /// The first address of the network that consists of the first `prefix` bits (0…128) of the IPv6 form.
    package func network(prefix: Int) -> IPAddress {
        // In Swift, a shift by the whole width gives 0, which is correct here.
        IPAddress(bits: bits & (UInt128.max << (128 - prefix)))
    }
}

extension IPAddress: CustomStringConvertible {
    /// The text that inet_ntop writes; mapped addresses are written as IPv4.
    package var description: String {
        String(unsafeUninitializedCapacity: Int(INET6_ADDRSTRLEN)) { buffer in
            var short = UInt32(truncatingIfNeeded: bits).bigEndian
            var long = bits.bigEndian
            return buffer.withMemoryRebound(to: CChar.self) { text in
                let size = socklen_t(text.count)
                // Cannot fail: both families are known, and the buffer holds the longest text.
                if isIPv4 {
                    inet_ntop(AF_INET, &short, text.baseAddress, size)
                } else {
                    inet_ntop(AF_INET6, &long, text.baseAddress, size)
                }
                return text.firstIndex(of: 0) ?? 0
            }
        }
    }
}
