/// The permission mode of a user's home directory: `mod` in the API, 0 to 0o7777.
package struct FileMode: Sendable, Hashable, CustomStringConvertible {
    package let bits: UInt16

    /// Creates a mode from the low twelve bits of `bits`.
    @inlinable package init(bits: UInt16) {
        self.bits = bits & 0o7777
    }

    /// Parses the octal text of a mode.
    /// - Throws: `invalidParameter` for `mod` if `text` is not three or four octal digits.
    package init(_ text: some StringProtocol) throws(RosterError) {
        guard (3...4).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }),
            let bits = UInt16(text, radix: 8)
        else {
            throw .invalid("mod", "not three or four octal digits such as 700")
        }
        self.bits = bits
    }

    /// At least three octal digits: `700`, `2750`.
    package var description: String {
        let digits = String(bits, radix: 8)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
}
