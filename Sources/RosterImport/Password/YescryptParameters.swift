import RosterModel

/// The cost parameters of a yescrypt hash: the text between `$y$` and the next `$` (`j9T` in Debian's default).
///
/// They are consecutive numbers without separators: flavor, log2 N, r, and, if anything follows, a mask that says which
/// of p (1), t (2), g (4) and log2 NROM (8) follow, in this order.
///
/// A number is one or more characters of `./0-9A-Za-z`, which stand for 0 to 63. The first character determines how
/// many there are: 48 of its values belong to numbers of one character, the next 8 to two, 4 to three, 2 to four, 1 to
/// five and 1 to six. Each group continues counting where the previous one ended, and every number starts at the
/// minimum of its parameter (0 for the flavor, 2 for p, 1 for the others). So `j` (47) is 47, the last number of one
/// character; `9` (11) means that log2 N is 12; `T` (31) means that r is 32: 4096 blocks of 4 KiB, 16 MiB.
struct YescryptParameters {
    private(set) var logN: UInt64
    private(set) var blockSize: UInt64
    private(set) var parallelism: UInt64 = 1
    private(set) var time: UInt64 = 0

    /// Parses the parameters. Nil if the text is malformed, or if crypt(3) cannot verify such a hash: its flavor is
    /// unknown, it has g (upgraded hashes are not supported yet), or it needs a ROM.
    init?(_ text: ArraySlice<UInt8>) {
        var rest = text
        guard let flavour = Self.number(from: 0, &rest), flavour <= Self.lastFlavour,
            let logN = Self.number(from: 1, &rest), logN <= 63, let blockSize = Self.number(from: 1, &rest)
        else { return nil }
        self.logN = logN
        self.blockSize = blockSize
        guard !rest.isEmpty else { return }
        guard let mask = Self.number(from: 1, &rest), mask < 4 else { return nil }
        if mask & 1 != 0 {
            guard let number = Self.number(from: 2, &rest) else { return nil }
            parallelism = number
        }
        if mask & 2 != 0 {
            guard let number = Self.number(from: 1, &rest) else { return nil }
            time = number
        }
        guard rest.isEmpty else { return nil }
    }

    /// Whether verification needs more than N = 2^16 with r = 64, in either parameter or in total work, which p and t
    /// multiply.
    var isExcessive: Bool {
        guard logN <= 16, blockSize <= 64, parallelism <= 1 << 22, time <= 1 << 22 else { return true }
        return (blockSize << logN) * parallelism > (1 << 22) / (time + 1)
    }

    /// The flavor is a number of 10 bits without its two lowest, plus 2.
    private static let lastFlavour: UInt64 = 2 + 0xFF

    /// Takes a number from the front of `rest`; nil if it is incomplete or has an invalid character.
    private static func number(from least: UInt64, _ rest: inout ArraySlice<UInt8>) -> UInt64? {
        guard let first = rest.popFirst().flatMap(digit) else { return nil }
        var groupStart: UInt64 = 0
        var groupEnd: UInt64 = 48
        var value = least
        var digits = 1
        while first >= groupEnd {
            value += (groupEnd - groupStart) << (6 * UInt64(digits - 1))
            let next = groupEnd + max((64 - groupEnd) / 2, 1)
            (groupStart, groupEnd) = (groupEnd, next)
            digits += 1
        }
        var tail = first - groupStart
        for _ in 1..<digits {
            guard let digit = rest.popFirst().flatMap(digit) else { return nil }
            tail = tail << 6 | digit
        }
        return value + tail
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "."): 0
        case UInt8(ascii: "/"): 1
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0")) + 2
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt64(byte - UInt8(ascii: "A")) + 12
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "a")) + 38
        default: nil
        }
    }
}
