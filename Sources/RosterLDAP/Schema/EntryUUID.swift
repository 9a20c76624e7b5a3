import RosterModel

/// The `entryUUID` of an entry (RFC 4530): permanently the same for the same entry, on every server.
///
/// It is derived from what identifies the entry, as version 8 of RFC 9562. A user's contains the user's identifier
/// itself, so that finding the user is a look-up and not a search.
struct EntryUUID: Equatable, Comparable {
    let high: UInt64
    let low: UInt64

    /// Each letter of an identifier is a digit from 1; 0 is not a letter.
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    private static let prefix = "hpcuser-"
    /// 63²⁰ is the largest power below 2¹²⁰.
    private static let longestTail = 20

    /// The UUID of a user.
    init(user id: UnsafeBufferPointer<UInt8>) {
        let tail = id.dropFirst(Self.prefix.utf8.count)
        var number: UInt128 = 0
        for byte in tail.prefix(Self.longestTail) {
            number = number * 63 + UInt128((Self.alphabet.firstIndex(of: byte) ?? 0) + 1)
        }
        if tail.count > Self.longestTail {
            self.init(payload: Self.hash(id), kind: 1)
        } else {
            self.init(payload: number, kind: 0)
        }
    }

    /// The UUID of any other entry, from its name or another permanent identifier.
    init(entry name: String) {
        self.init(payload: Self.hash(Array(name.utf8)), kind: 2)
    }

    /// - Parameters:
    ///   - payload: its lowest 120 bits are used.
    ///   - kind: 0 to 3.
    private init(payload: UInt128, kind: UInt64) {
        // 48 bits, the version, 12 bits; the variant, 2 bits of kind, 60 bits.
        high =
            UInt64(truncatingIfNeeded: payload >> 72 & 0xFFFF_FFFF_FFFF) << 16 | 0x8000
            | UInt64(truncatingIfNeeded: payload >> 60 & 0xFFF)
        low = 0x8000_0000_0000_0000 | kind << 60 | UInt64(truncatingIfNeeded: payload & 0xFFF_FFFF_FFFF_FFFF)
    }

    /// Parses the text form of section 2.1, in either case.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        var number: UInt128 = 0
        for (place, byte) in bytes.enumerated() {
            if [8, 13, 18, 23].contains(place) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = Hex.value(byte) else { return nil }
                number = number << 4 | UInt128(digit)
            }
        }
        high = UInt64(truncatingIfNeeded: number >> 64)
        low = UInt64(truncatingIfNeeded: number)
    }

    static func < (left: EntryUUID, right: EntryUUID) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    var text: String {
        let (first, second) = (Hex.text(high), Hex.text(low))
        return [
            first.prefix(8), first.dropFirst(8).prefix(4), first.suffix(4), second.prefix(4), second.dropFirst(4),
        ].joined(separator: "-")
    }

    /// The user that the UUID belongs to; nil unless it is that of a user with an identifier of usual length.
    var user: HPCUserID? {
        guard high >> 12 & 0xF == 8, low >> 60 == 0x8 else { return nil }
        var number = UInt128(high >> 16) << 72 | UInt128(high & 0xFFF) << 60 | UInt128(low & 0xFFF_FFFF_FFFF_FFFF)
        var tail: [UInt8] = []
        while number > 0 {
            let (rest, digit) = number.quotientAndRemainder(dividingBy: 63)
            guard digit > 0 else { return nil }
            tail.append(Self.alphabet[Int(digit) - 1])
            number = rest
        }
        return try? HPCUserID(Self.prefix + String(decoding: tail.reversed(), as: UTF8.self))
    }

    /// FNV-1a with 128 bits: it only distinguishes entries and need not resist attacks.
    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt128 {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for byte in bytes { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
        return hash
    }
}
