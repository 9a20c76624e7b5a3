/// The part of an identifier after its prefix, packed into eight bytes: large enough for every identifier that Roster
/// creates, and for ordering all others.
///
/// The first byte is the most significant one, so that numbers sort like texts. Of a longer identifier `bits` holds the
/// first eight bytes; the caller must keep its text elsewhere.
package struct PackedIdentifier: Sendable, Hashable {
    /// The prefixes of user and account identifiers.
    package static var userPrefix: StaticString { @inlinable get { "hpcuser-" } }
    package static var accountPrefix: StaticString { @inlinable get { "usr-" } }

    package let bits: UInt64
    /// Whether `bits` represents the whole identifier.
    package let isComplete: Bool

    /// Packs an identifier in UTF-8. Without `prefix` at its start, `bits` is 0 and `isComplete` false.
    @inlinable package init(_ text: UnsafeBufferPointer<UInt8>, prefix: StaticString) {
        var bits: UInt64 = 0
        var isComplete = false
        let start = prefix.utf8CodeUnitCount
        if text.count > start, memoryIsEqual(text.baseAddress, prefix.utf8Start, count: start) {
            isComplete = text.count - start <= 8
            for index in start..<min(text.count, start + 8) {
                bits |= UInt64(text[index]) << UInt64(56 - 8 * (index - start))
                // A trailing NUL could not be told from the end of the text.
                if text[index] == 0 { isComplete = false }
            }
        }
        self.bits = bits
        self.isComplete = isComplete
    }

    /// Packs an identifier. Without `prefix` at its start, `bits` is 0 and `isComplete` false.
    @inlinable package init(_ text: String, prefix: StaticString) {
        var text = text
        self = text.withUTF8 { PackedIdentifier($0, prefix: prefix) }
    }

    /// Calls `body` with the text of `prefix` followed by the characters in `bits`.
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

/// Whether `count` bytes at both addresses are equal; false if either is nil and `count` is positive.
@inlinable package func memoryIsEqual(_ left: UnsafePointer<UInt8>?, _ right: UnsafePointer<UInt8>?, count: Int) -> Bool
{
    guard count > 0 else { return true }
    guard let left, let right else { return false }
    for index in 0..<count where left[index] != right[index] { return false }
    return true
}
