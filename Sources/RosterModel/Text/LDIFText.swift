/// A text of attributes and their values that stores keep: lines of LDIF (RFC 2849), `name: value`, or `name:: base64` for a value
/// that LDIF does not write plainly.
package struct LDIFText {
    private var bytes: [UInt8] = []

    package init() {}

    /// The lines so far.
    package var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Adds a line.
    package mutating func append(_ name: String, _ value: [UInt8]) {
        bytes += name.utf8
        if Self.isPlain(value) {
            bytes += ": ".utf8
            bytes += value
        } else {
            bytes += ":: ".utf8
            bytes += Base64.encode(value)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Adds lines of another text.
    package mutating func append(lines: String) { bytes += lines.utf8 }

    /// Whether LDIF writes a value plainly here: UTF-8 without line breaks, NUL and blanks at its ends.
    private static func isPlain(_ value: [UInt8]) -> Bool {
        guard let first = value.first, let last = value.last else { return true }
        return first != UInt8(ascii: " ") && first != UInt8(ascii: ":") && first != UInt8(ascii: "<")
            && last != UInt8(ascii: " ") && !value.contains { $0 == 0 || $0 == 10 || $0 == 13 }
            && String(validating: value, as: UTF8.self) != nil
    }

    /// The lines of a text, where they lie. What is no line of an attribute is passed over.
    package struct Lines: Sequence, IteratorProtocol {
        private var rest: Slice<UnsafeBufferPointer<UInt8>>

        package init(_ text: UnsafeBufferPointer<UInt8>) {
            rest = text[...]
        }

        package mutating func next() -> Line? {
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[..<end]
                rest = rest[(end + 1)...]
                if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                    return Line(name: line[..<colon], rest: line[(colon + 1)...])
                }
            }
            return nil
        }
    }

    /// One line; valid as long as the text is.
    package struct Line {
        package let name: Slice<UnsafeBufferPointer<UInt8>>
        /// What follows the first colon.
        fileprivate let rest: Slice<UnsafeBufferPointer<UInt8>>

        /// Calls `body` with the value; nil where the line holds none.
        package func withValue<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
            guard rest.first == UInt8(ascii: ":") else { return body(UnsafeBufferPointer(rebasing: rest.dropFirst())) }
            return Base64.decode(rest.dropFirst(2))?.withUnsafeBufferPointer(body)
        }
    }
}
