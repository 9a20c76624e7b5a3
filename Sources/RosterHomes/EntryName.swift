import Glibc
import RosterModel

/// The name of one entry of a folder, never a path: so that no call made with it can reach further than that folder.
///
/// It is kept as bytes, because a file system's names need not be UTF-8.
struct EntryName: Equatable, CustomStringConvertible {
    /// NUL at the end, as system calls take it.
    let bytes: [CChar]

    /// Nil where `bytes`, without a NUL at the end, do not name an entry: empty, `.`, `..`, or with a slash or a NUL.
    init?(_ bytes: some Sequence<UInt8>) {
        let name = Array(bytes)
        guard !name.isEmpty, name != Array(".".utf8), name != Array("..".utf8),
            !name.contains(UInt8(ascii: "/")), !name.contains(0)
        else { return nil }
        self.bytes = name.map(CChar.init(bitPattern:)) + [0]
    }

    var description: String {
        String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether it is `prefix` followed by 16 hexadecimal digits.
    func isNumbered(_ prefix: String) -> Bool {
        let name = bytes.dropLast().map(UInt8.init(bitPattern:))
        return name.starts(with: prefix.utf8) && name.count == prefix.utf8.count + 16
            && name.suffix(16).allSatisfy { Hex.value($0) != nil && $0 == $0.asciiLowercased }
    }

    /// `prefix` followed by 16 random hexadecimal digits.
    static func numbered(_ prefix: StaticString) -> EntryName {
        var generator = SystemRandomNumberGenerator()
        return EntryName(fixed: "\(prefix)" + Hex.text(generator.next()))
    }

    /// For a name that the program makes itself.
    init(fixed name: String) {
        bytes = name.utf8.map(CChar.init(bitPattern:)) + [0]
    }

    /// `prefix` and then `name`, for a name that the program makes itself.
    init(fixed prefix: String, followedBy name: EntryName) {
        bytes = prefix.utf8.map(CChar.init(bitPattern:)) + name.bytes
    }
}
