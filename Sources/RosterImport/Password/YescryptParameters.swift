import RosterModel

/// The cost parameters of a yescrypt hash: what stands between `$y$` and the next `$` (`j9T` in Debian's default).
///
/// They are numbers one after the other, without separators: flavour, log2 N, r, and, if anything follows, a mask
/// that says which of p (1), t (2), g (4) and log2 NROM (8) come, in this order.
///
/// A number is one or more of 64 digits, `./0-9A-Za-z` for 0 to 63, and the first digit tells how many there are. The
/// 64 values of the first digit are dealt out: 48 to numbers of one digit, then 8 to numbers of two, 4 of three, 2 of
/// four, 1 of five and 1 of six. Each group counts on from where the one before it ended, and every number starts at
/// the least value that its parameter may have (0 for the flavour, 2 for p, 1 for the others). So `j`, digit 47, is
/// 47, the last number of one digit; `9` is digit 11, so log2 N is 12; `T` is digit 31, so r is 32: 4096 blocks of 4
/// KiB, 16 MiB.
struct YescryptParameters {
    private(set) var logN: UInt64
    private(set) var blockSize: UInt64
    private(set) var parallelism: UInt64 = 1
    private(set) var time: UInt64 = 0

    /// Nil where the text is malformed, or where crypt(3) can verify no such hash: with a flavour that it does not
    /// know, with g (upgraded hashes are not made yet), or with a ROM, which it does not have.
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

    /// Whether verifying takes more than N = 2^16 with r = 64 does, in one of the two or in all the work together: p
    /// and t multiply it.
    var isExcessive: Bool {
        guard logN <= 16, blockSize <= 64, parallelism <= 1 << 22, time <= 1 << 22 else { return true }
        return (blockSize << logN) * parallelism > (1 << 22) / (time + 1)
    }

    /// The flavour is a number of 10 bits with the two lowest left out, on top of 2.
    private static let lastFlavour: UInt64 = 2 + 0xFF

    /// Takes a number off `rest`; nil where it is cut short or holds what is no digit.
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
