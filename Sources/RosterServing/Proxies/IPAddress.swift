import RosterModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An IPv4 or IPv6 address. An IPv4 address and its IPv6-mapped form (`::ffff:192.0.2.1`, which a socket for both
/// families shows) are one and the same.
package struct IPAddress: Sendable, Hashable {
    /// The 128 bits of the IPv6 form, the first of them the most significant.
    package let bits: UInt128

    /// What the IPv6 form of each IPv4 address begins with (RFC 4291, 2.5.5.2).
    private static let mappedPrefix: UInt128 = 0xffff << 32

    private init(bits: UInt128) {
        self.bits = bits
    }

    /// Reads what inet_pton reads: four decimal numbers without leading zeros, or an IPv6 address without brackets and
    /// zone.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        // A C function would take what stands before a NUL for the whole.
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

    /// Whether it is an IPv4 address, mapped ones included.
    package var isIPv4: Bool { bits >> 32 == Self.mappedPrefix >> 32 }

    /// Whether it is of this machine only: 127.0.0.0/8 or `::1`.
    package var isLoopback: Bool { isIPv4 ? bits >> 24 & 0xFF == 127 : bits == 1 }

    /// The first address of the network that the first `prefix` bits of the IPv6 form (0…128) make.
    package func network(prefix: Int) -> IPAddress {
        // A shift by the whole width gives 0 in Swift, as it should here.
        IPAddress(bits: bits & (UInt128.max << (128 - prefix)))
    }
}

extension IPAddress: CustomStringConvertible {
    /// As inet_ntop writes it; mapped addresses as IPv4.
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
