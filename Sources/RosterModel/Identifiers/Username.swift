/// The name of a user in a cluster, by the lenient rules that imports use.
///
/// Stricter rules apply to new users only (`NameRule`). Names that differ only in ASCII case are the same name within a
/// cluster, because LDAP's `uid` does not distinguish them.
package struct Username: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// The maximum length of a name, in bytes of UTF-8.
    package static let maximumBytes = 64

    /// Parses a name.
    /// - Throws: `invalidParameter` for `username` if the text is empty, is longer than 64 bytes of UTF-8, or contains
    ///   a control character, `:` or `/`, which would break passwd(5) and paths.
    package init(_ text: some StringProtocol) throws(RosterError) {
        guard !text.isEmpty else { throw .invalid("username", "is empty") }
        guard text.utf8.count <= Self.maximumBytes else {
            throw .invalid("username", "is longer than \(Self.maximumBytes) bytes")
        }
        guard !text.hasControlCharacter else { throw .invalid("username", "holds a control character") }
        if let byte = text.utf8.first(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }) {
            throw .invalid("username", "holds '\(Character(UnicodeScalar(byte)))'")
        }
        self.text = String(text)
    }

    /// Creates a name from text that was checked before it was stored.
    package init(stored text: String) {
        self.text = text
    }

    package var description: String { text }

    /// The key by which names are unique in a cluster: the name with ASCII letters in lower case.
    package var key: String { Self.key(of: text) }

    /// `text` with ASCII letters in lower case.
    package static func key(of text: some StringProtocol) -> String {
        text.utf8.contains(where: { $0 != $0.asciiLowercased })
            ? String(decoding: text.utf8.map(\.asciiLowercased), as: UTF8.self) : String(text)
    }

    // Compared by bytes: Swift's String treats the two Unicode forms of "é" as equal, SQLite and LDAP do not.
    package static func == (left: Username, right: Username) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
