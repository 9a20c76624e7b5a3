/// Attributes and their values as stores hold them: lines of LDIF (RFC 2849), `name: value`, or `name:: base64` for a
/// value that LDIF cannot hold as plain text.
package struct LDIFText {
    private var bytes: [UInt8] = []

    /// Creates an empty text.
    package init() {}

    /// The lines added so far.
    package var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Adds a line for one value.
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

    /// Adds the lines of another such text.
    package mutating func append(lines: String) { bytes += lines.utf8 }

    /// Whether the value is written as plain text: UTF-8 without line breaks and NUL, without a space at either end,
    /// and not beginning with `:` or `<`.
    private static func isPlain(_ value: [UInt8]) -> Bool {
        guard let first = value.first, let last = value.last else { return true }
        return first != UInt8(ascii: " ") && first != UInt8(ascii: ":") && first != UInt8(ascii: "<")
            && last != UInt8(ascii: " ") && !value.contains { $0 == 0 || $0 == 10 || $0 == 13 }
            && String(validating: value, as: UTF8.self) != nil
    }

    /// The lines of a text, in place. Lines without a colon are skipped.
    package struct Lines: Sequence, IteratorProtocol {
        private var rest: Slice<UnsafeBufferPointer<UInt8>>

        /// Creates a sequence of the lines of `text`, which must stay valid while it is used.
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

    /// One line, valid as long as the text is.
    package struct Line {
        package let name: Slice<UnsafeBufferPointer<UInt8>>
        /// The text after the first colon.
        fileprivate let rest: Slice<UnsafeBufferPointer<UInt8>>

        /// Calls `body` with the value; returns nil if its Base64 is malformed.
        package func withValue<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
            guard rest.first == UInt8(ascii: ":") else { return body(UnsafeBufferPointer(rebasing: rest.dropFirst())) }
            return Base64.decode(rest.dropFirst(2))?.withUnsafeBufferPointer(body)
        }
    }
}
