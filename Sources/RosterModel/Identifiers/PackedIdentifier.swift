/// What follows the prefix of an identifier, in eight bytes: enough for every identifier that Roster makes, and for the
/// order of all.
///
/// The first byte is the most significant one, so that numbers are in the order of the texts. A tail that does not fit
/// shows its first eight bytes, and its text has to be kept elsewhere.
package struct PackedIdentifier: Sendable, Hashable {
    /// The prefix of a user's identifier, and that of an account's.
    package static var userPrefix: StaticString { @inlinable get { "hpcuser-" } }
    package static var accountPrefix: StaticString { @inlinable get { "usr-" } }

    package let bits: UInt64
    /// Whether `bits` is all there is.
    package let isComplete: Bool

    @inlinable package init(_ text: UnsafeBufferPointer<UInt8>, prefix: StaticString) {
        var bits: UInt64 = 0
        var isComplete = false
        let start = prefix.utf8CodeUnitCount
        if text.count > start, memoryIsEqual(text.baseAddress, prefix.utf8Start, count: start) {
            isComplete = text.count - start <= 8
            for index in start..<min(text.count, start + 8) {
                bits |= UInt64(text[index]) << UInt64(56 - 8 * (index - start))
                // A NUL would be taken for the end.
                if text[index] == 0 { isComplete = false }
            }
        }
        self.bits = bits
        self.isComplete = isComplete
    }

    @inlinable package init(_ text: String, prefix: StaticString) {
        var text = text
        self = text.withUTF8 { PackedIdentifier($0, prefix: prefix) }
    }

    /// Calls `body` with the text of the prefix and `bits`.
    @inlinable package static func withText<Result>(
        _ bits: UInt64, prefix: StaticString, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
            let start = prefix.utf8CodeUnitCount
            for index in 0..<start { buffer[index] = prefix.utf8Start[index] }
            let length = 8 - bits.trailingZeroBitCount / 8
            for index in 0..<length {
                buffer[start + index] = UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * index))
            }
            return body(UnsafeBufferPointer(rebasing: buffer[..<(start + length)]))
        }
    }
}

/// Whether `count` bytes at both places are the same.
@inlinable package func memoryIsEqual(_ left: UnsafePointer<UInt8>?, _ right: UnsafePointer<UInt8>?, count: Int) -> Bool
{
    guard count > 0 else { return true }
    guard let left, let right else { return false }
    for index in 0..<count where left[index] != right[index] { return false }
    return true
}
