import Crypto
import RosterModel

/// A checksum of everything that a store keeps, whatever order its records come in: the sum of their SHA-256 digests.
///
/// It finds what was lost, doubled or changed on the way; it is no proof against somebody who chooses the records.
package struct ContentSum: Sendable, Equatable, CustomStringConvertible {
    /// The sum, in parts of 64 bits that do not carry over. An array, because a SIMD type wants more alignment than the frame
    /// of an asynchronous function has.
    private var parts = [UInt64](repeating: 0, count: 4)
    /// How many records were added.
    package private(set) var count = 0

    package init() {}

    /// - Parameter record: the canonical bytes of one record (`StoreRecord.canonicalBytes`).
    package mutating func add(_ record: [UInt8]) {
        count += 1
        SHA256.hash(data: record).withUnsafeBytes { digest in
            for index in 0..<4 {
                parts[index] &+= UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            }
        }
    }

    package var description: String {
        parts.map { Hex.text($0) }.joined()
    }
}
