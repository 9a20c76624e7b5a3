/// The hash FNV-1a with 64 bits. It is the same in every process, unlike `Hasher`, and does not resist attacks.
package struct FNV1a: Sendable {
    /// The hash of the bytes so far.
    package private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of no bytes.
    package init() {}

    /// The hash of `bytes`.
    package init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { combine(byte) }
    }

    /// Continues the hash.
    package mutating func combine(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
}
