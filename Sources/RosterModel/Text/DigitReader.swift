/// Takes runs of ASCII digits and single separators from the front of a text; shared by the parsers of times.
package struct DigitReader {
    package private(set) var rest: ArraySlice<UInt8>

    /// Creates a reader of `text`.
    package init(_ text: ArraySlice<UInt8>) {
        rest = text
    }

    package var isAtEnd: Bool { rest.isEmpty }

    /// Takes the number at the front, of at most `digits.upperBound` digits; takes nothing and returns nil if there are
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

    /// Takes and returns all digits at the front.
    package mutating func digits() -> ArraySlice<UInt8> {
        let digits = rest.prefix(while: \.isDigit)
        rest = rest[digits.endIndex...]
        return digits
    }

    /// Takes `separator` if it is next, and returns whether it was.
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
