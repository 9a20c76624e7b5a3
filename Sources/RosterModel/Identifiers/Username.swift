/// The name of a user in a cluster, as sites have it: what an import takes.
///
/// The stricter rules for new names apply on adding only. Two names that differ in ASCII case only are the same name in
/// one cluster, because LDAP's `uid` does not tell them apart.
package struct Username: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// The most bytes of UTF-8 that a name may have.
    package static let maximumBytes = 64

    /// - Throws: `invalidParameter` for `username` where the text is empty, longer than 64 bytes of UTF-8, or holds a
    ///   control character, `:` or `/` (they would break passwd(5) and paths).
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

    /// For text that was checked before it was stored.
    package init(stored text: String) {
        self.text = text
    }

    package var description: String { text }

    /// What makes the name unique in a cluster: the name with ASCII capitals made small.
    package var key: String { Self.key(of: text) }

    /// `text` with ASCII capitals made small.
    package static func key(of text: some StringProtocol) -> String {
        text.utf8.contains(where: { $0 != $0.asciiLowercased })
            ? String(decoding: text.utf8.map(\.asciiLowercased), as: UTF8.self) : String(text)
    }

    // By bytes: Swift's own equality holds "é" in its two Unicode forms for equal, SQLite and LDAP do not.
    package static func == (left: Username, right: Username) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
