/// A zone (region): 1 to 64 printable ASCII characters other than space.
package struct Zone: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    /// Parses a zone.
    /// - Throws: `invalidParameter` for `zone` if the text is empty, is longer than 64 bytes, or contains a space or
    ///   anything but printable ASCII.
    package init(_ text: String) throws(RosterError) {
        guard !text.isEmpty else { throw .invalid("zone", "is missing") }
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalid("zone", "not 1 to 64 printable ASCII characters")
        }
        self.text = text
    }

    /// Creates a zone from text that was checked before it was stored.
    package init(stored text: String) {
        self.text = text
    }

    package var description: String { text }

    package static func < (left: Zone, right: Zone) -> Bool { left.text < right.text }
}
