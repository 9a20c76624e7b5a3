import Crypto
import RosterModel

/// A checksum of a store's whole content, independent of the order of its records: the sum of their SHA-256 digests.
///
/// It detects records that were lost, duplicated or changed in transit. It does not protect against an attacker who can
/// choose records.
package struct ContentSum: Sendable, Equatable, CustomStringConvertible {
    /// The sum, in 64-bit parts that do not carry over. An array, because a SIMD type needs more alignment than the
    /// frame of an asynchronous function has.
    private var parts = [UInt64](repeating: 0, count: 4)
    /// The number of records added.
    package private(set) var count = 0

    /// Creates the sum of no records.
    package init() {}

    /// Adds a record.
    /// - Parameter record: the canonical bytes of the record (`StoreRecord.canonicalBytes`).
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
