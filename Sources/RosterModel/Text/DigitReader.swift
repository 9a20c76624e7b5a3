/// Takes runs of ASCII digits and single separators off the front of a text: what the text forms of time share.
package struct DigitReader {
    package private(set) var rest: ArraySlice<UInt8>

    package init(_ text: ArraySlice<UInt8>) {
        rest = text
    }

    package var isAtEnd: Bool { rest.isEmpty }

    /// The number that the next digits make, at most `digits.upperBound` of them; nil, and nothing taken, where there are
    /// fewer than `digits.lowerBound`.
    package mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var index = rest.startIndex
        while index < rest.endIndex, index - rest.startIndex < digits.upperBound, rest[index].isDigit {
            value = value * 10 + Int(rest[index] - UInt8(ascii: "0"))
            index += 1
        }
        guard index - rest.startIndex >= digits.lowerBound else { return nil }
        rest = rest[index...]
        return value
    }

    /// Takes all digits that follow, and gives them as they are.
    package mutating func digits() -> ArraySlice<UInt8> {
        let digits = rest.prefix(while: \.isDigit)
        rest = rest[digits.endIndex...]
        return digits
    }

    /// Whether `separator` follows; it is taken then.
    package mutating func skip(_ separator: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, byte == UInt8(ascii: separator) else { return false }
        rest = rest.dropFirst()
        return true
    }
}

extension UInt8 {
    /// Whether the byte is one of `[0-9]`.
    package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
