/// A zone (region): 1 to 64 printable ASCII characters without space.
package struct Zone: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    /// - Throws: `invalidParameter` for `zone` where the text is empty, longer than 64 bytes, or holds anything but
    ///   printable ASCII.
    package init(_ text: String) throws(RosterError) {
        guard !text.isEmpty else { throw .invalid("zone", "is missing") }
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalid("zone", "not 1 to 64 printable ASCII characters")
        }
        self.text = text
    }

    /// For text that was checked before it was stored.
    package init(stored text: String) {
        self.text = text
    }

    package var description: String { text }

    package static func < (left: Zone, right: Zone) -> Bool { left.text < right.text }
}
