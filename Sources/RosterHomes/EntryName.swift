import Glibc
import RosterModel

/// The name of one entry of a folder, never a path: a call made with it cannot reach outside that folder.
///
/// It holds bytes, because a file system's names need not be UTF-8.
struct EntryName: Equatable, CustomStringConvertible {
    /// With a NUL at the end, as system calls take it.
    let bytes: [CChar]

    /// Nil if `bytes`, which have no NUL at the end, are not a name: empty, `.`, `..`, or with a slash or a NUL.
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

    /// A name that the program itself makes.
    init(fixed name: String) {
        bytes = name.utf8.map(CChar.init(bitPattern:)) + [0]
    }

    /// `prefix` followed by `name`, for a name that the program itself makes.
    init(fixed prefix: String, followedBy name: EntryName) {
        bytes = prefix.utf8.map(CChar.init(bitPattern:)) + name.bytes
    }
}
