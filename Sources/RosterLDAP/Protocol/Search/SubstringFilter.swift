import RosterModel

/// The assertion that an attribute has a value that contains these pieces, in order.
///
///     SubstringFilter ::= SEQUENCE {
///         type        AttributeDescription,
///         substrings  SEQUENCE SIZE (1..MAX) OF substring CHOICE {
///             initial [0] AssertionValue,  -- at most once, first
///             any     [1] AssertionValue,
///             final   [2] AssertionValue } -- at most once, last
package struct SubstringFilter: Sendable, Equatable {
    package let attribute: ArraySlice<UInt8>
    package let initial: ArraySlice<UInt8>?
    package let parts: [ArraySlice<UInt8>]
    package let final: ArraySlice<UInt8>?
}

extension SubstringFilter {
    init(_ element: BERElement) throws(BERError) {
        var components = try element.components()
        attribute = try components.next().octetString()
        var pieces = try components.next().components()
        initial = try pieces.next(ifTagged: 0x80)?.octets()
        var parts: [ArraySlice<UInt8>] = []
        while let part = pieces.next(ifTagged: 0x81) { parts.append(try part.octets()) }
        final = try pieces.next(ifTagged: 0x82)?.octets()
        self.parts = parts
        guard pieces.isAtEnd, initial != nil || final != nil || !parts.isEmpty else {
            throw BERError(.malformed, "the pieces of a substring filter are none, or out of order")
        }
    }
}
