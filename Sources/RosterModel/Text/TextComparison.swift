/// A rule for comparing texts.
package struct TextComparison: Sendable, Hashable {
    package let ignoresCase: Bool
    /// Whether leading and trailing spaces are ignored, and repeated ones count as one (RFC 4518 section 2.6.1).
    package let ignoresSpaces: Bool
    /// The characters that are ignored everywhere.
    private let dropped: Dropped

    /// Characters that the rules for numbers written as text ignore (RFC 4518 sections 2.6.2 and 2.6.3).
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

    /// Creates a rule that ignores case, needless spaces, both or neither.
    package init(ignoresCase: Bool, ignoresSpaces: Bool = false) {
        self.ignoresCase = ignoresCase
        self.ignoresSpaces = ignoresSpaces
        dropped = .nothing
    }

    /// Creates a rule that ignores the characters of `dropped` everywhere.
    package init(ignoresCase: Bool, dropping dropped: Dropped) {
        self.ignoresCase = ignoresCase
        ignoresSpaces = false
        self.dropped = dropped
    }

    /// Whether `text`, in UTF-8, and `value` are equal under the rule.
    package func areEqual(_ text: UnsafeBufferPointer<UInt8>, _ value: String) -> Bool {
        // Usually both are ASCII, so that the texts can be compared in place.
        if text.allSatisfy({ $0 < 0x80 }), value.utf8.allSatisfy({ $0 < 0x80 }) {
            let areSame =
                ignoresCase
                ? text.equalsIgnoringASCIICase(value.utf8)
                : text.count == value.utf8.count && text.elementsEqual(value.utf8)
            // Texts that differ can be equal only if one has characters that may not count.
            if areSame || text.allSatisfy(alwaysCounts) && value.utf8.allSatisfy(alwaysCounts) { return areSame }
        }
        return prepared(String(decoding: text, as: UTF8.self)) == prepared(value)
    }

    /// Whether the rule compares that byte wherever it stands.
    private func alwaysCounts(_ byte: UInt8) -> Bool {
        !dropped.contains(byte) && !(ignoresSpaces && byte == UInt8(ascii: " "))
    }

    /// The normalized UTF-8 of `text`: two texts are equal under the rule if this is equal.
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

/// Text in lower case for comparison that ignores case: ASCII capitals are lowered, and text beyond ASCII gets
/// Unicode's lower-case mapping. Compared by bytes.
package struct FoldedText: Sendable, Hashable, Comparable {
    package let bytes: [UInt8]

    /// Folds the case of `text`.
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

    /// Whether the text contains `word`; every text contains the empty word.
    package func contains(_ word: FoldedText) -> Bool {
        bytes[...].firstStart(of: word.bytes) != nil
    }
}

extension ArraySlice<UInt8> {
    /// The index of the first occurrence of `word`; the start index if `word` is empty.
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
