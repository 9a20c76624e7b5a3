/// How a text is compared with another: what of it counts.
package struct TextComparison: Sendable, Hashable {
    package let ignoresCase: Bool
    /// Whether spaces at the ends count for nothing, and repeated ones for one (RFC 4518 section 2.6.1).
    package let ignoresSpaces: Bool
    /// What counts for nothing wherever it stands.
    private let dropped: Dropped

    /// What the rules of numbers written as text pass over (RFC 4518 sections 2.6.2 and 2.6.3).
    package enum Dropped: Sendable {
        case nothing, spaces, spacesAndHyphens

        fileprivate func contains(_ byte: UInt8) -> Bool {
            switch self {
            case .nothing: false
            case .spaces: byte == UInt8(ascii: " ")
            case .spacesAndHyphens: byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-")
            }
        }
    }

    package init(ignoresCase: Bool, ignoresSpaces: Bool = false) {
        self.ignoresCase = ignoresCase
        self.ignoresSpaces = ignoresSpaces
        dropped = .nothing
    }

    package init(ignoresCase: Bool, dropping dropped: Dropped) {
        self.ignoresCase = ignoresCase
        ignoresSpaces = false
        self.dropped = dropped
    }

    /// Whether `text`, in UTF-8, and `value` are the same under the rule.
    package func areEqual(_ text: UnsafeBufferPointer<UInt8>, _ value: String) -> Bool {
        // Nearly always both are ASCII without needless spaces, and are compared where they lie.
        if !ignoresSpaces, dropped == .nothing, text.allSatisfy({ $0 < 0x80 }), value.utf8.allSatisfy({ $0 < 0x80 }) {
            return ignoresCase
                ? text.equalsIgnoringASCIICase(value.utf8)
                : text.count == value.utf8.count && text.elementsEqual(value.utf8)
        }
        return prepared(String(decoding: text, as: UTF8.self)) == prepared(value)
    }

    /// The UTF-8 of what counts of `text`: two texts are the same under the rule where this is.
    package func prepared(_ text: String) -> [UInt8] {
        let bytes = ignoresCase ? FoldedText(text).bytes : Array(text.utf8)
        if dropped != .nothing { return bytes.filter { !dropped.contains($0) } }
        guard ignoresSpaces else { return bytes }
        var result: [UInt8] = []
        for byte in bytes where byte != UInt8(ascii: " ") || result.last != UInt8(ascii: " ") && !result.isEmpty {
            result.append(byte)
        }
        if result.last == UInt8(ascii: " ") { result.removeLast() }
        return result
    }
}

/// Text without regard to case: ASCII capitals made small, and, where there is more than ASCII, Unicode's lower-case
/// mapping. Compared byte by byte.
package struct FoldedText: Sendable, Hashable, Comparable {
    package let bytes: [UInt8]

    package init(_ text: String) {
        bytes = text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.map(\.asciiLowercased) : Array(text.lowercased().utf8)
    }

    init(utf8 text: UnsafeBufferPointer<UInt8>) {
        self =
            text.allSatisfy { $0 < 0x80 }
            ? FoldedText(bytes: text.map(\.asciiLowercased)) : FoldedText(String(decoding: text, as: UTF8.self))
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package static func < (left: FoldedText, right: FoldedText) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// Whether `word` stands anywhere in the text; the empty word stands in every text.
    package func contains(_ word: FoldedText) -> Bool {
        bytes[...].firstStart(of: word.bytes) != nil
    }
}

extension ArraySlice<UInt8> {
    /// Where `word` first stands; at the start for an empty one.
    func firstStart(of word: [UInt8]) -> Int? {
        guard let first = word.first else { return startIndex }
        guard count >= word.count else { return nil }
        for index in startIndex...(endIndex - word.count)
        where self[index] == first && self[index..<(index + word.count)].elementsEqual(word) {
            return index
        }
        return nil
    }
}
