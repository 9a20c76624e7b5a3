/// The names of a block's rows, side by side in one buffer, so that a search reads them as fast as memory allows.
final class NameBlock: Sendable {
    /// Every name, in the order of the rows, with a zero after it; zeros at the end for whoever reads many at once.
    let bytes: [UInt8]
    /// Where each name starts in `bytes`, and where one more would.
    let starts: [UInt32]
    /// The same names as `FoldedText` folds them, where there is more than ASCII in one of them; else the names
    /// themselves serve, and who compares ignores the case of ASCII letters.
    let folded: NameBlock?
    /// For each piece of `pieceLength` bytes, the row that its first byte belongs to.
    let rowOfPiece: [UInt16]
    /// A bit for the hash of each three letters in a row that stand in some name, in lower case: a word with three
    /// letters whose bit is not set stands in no name. `signature.count` is a power of two.
    let signature: [UInt64]
    /// The length of the longest name.
    let longest: Int

    static let pieceLength = 16
    /// How far beyond the end a reader may look.
    static let padding = 64

    /// - Parameter bytes: names with a zero after each.
    init(bytes: [UInt8], starts: [UInt32], folded: NameBlock?) {
        let length = bytes.count
        var padded: [UInt8] = []
        padded.reserveCapacity(length + Self.padding)
        padded.append(contentsOf: bytes)
        padded.append(contentsOf: repeatElement(0, count: Self.padding))
        self.bytes = padded
        self.starts = starts
        self.folded = folded
        var rows: [UInt16] = []
        rows.reserveCapacity(length / Self.pieceLength + 1)
        var row = 0
        for piece in stride(from: 0, to: length, by: Self.pieceLength) {
            while Int(starts[row + 1]) <= piece { row += 1 }
            rows.append(UInt16(row))
        }
        rowOfPiece = rows
        longest = zip(starts, starts.dropFirst()).reduce(0) { max($0, Int($1.1 - $1.0) - 1) }
        signature = folded?.signature ?? Self.signature(of: bytes)
    }

    /// Sixteen bits for each three letters keep a bit that is set by chance rare; at most 4 KiB.
    private static func signature(of bytes: [UInt8]) -> [UInt64] {
        var words = 1
        while words < bytes.count / 8, words < 512 { words *= 2 }
        var signature = [UInt64](repeating: 0, count: words)
        let mask = UInt32(words * 64 - 1)
        bytes.withUnsafeBufferPointer { bytes in
            guard bytes.count >= 3 else { return }
            for index in 0..<(bytes.count - 2) {
                let (first, second, third) = (bytes[index], bytes[index + 1], bytes[index + 2])
                // A zero ends a name: no word goes across.
                guard first != 0, second != 0, third != 0 else { continue }
                let bit = gramHash(first.asciiLowercased, second.asciiLowercased, third.asciiLowercased) & mask
                signature[Int(bit / 64)] |= 1 << UInt64(bit % 64)
            }
        }
        return signature
    }

    /// A hash of three bytes whose low bits are spread.
    static func gramHash(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt32 {
        let gram = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16
        let mixed = gram &* 0x9E37_79B1
        return mixed ^ (mixed >> 15)
    }

    /// Calls `body` with the name of a row.
    func withName<Result>(_ row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            body(UnsafeBufferPointer(rebasing: bytes[Int(starts[row])..<(Int(starts[row + 1]) - 1)]))
        }
    }

    /// Calls `body` with the name of a row as `FoldedText` folds it, apart from the case of ASCII letters.
    func withFoldableName<Result>(_ row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        (folded ?? self).withName(row, body)
    }
}

/// Gathers the names of a block.
struct NameBlockBuilder {
    private var bytes: [UInt8] = []
    private var starts: [UInt32] = [0]
    /// Folded names, from the first that is not ASCII on; those before it are the same as the names.
    private var folded: [[UInt8]]?

    mutating func append(_ name: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: name)
        bytes.append(0)
        starts.append(UInt32(bytes.count))
        let isASCII = name.allSatisfy { $0 < 0x80 }
        if folded == nil, isASCII { return }
        let text = isASCII ? Array(name) : FoldedText(String(decoding: name, as: UTF8.self)).bytes
        folded = (folded ?? names(0..<(starts.count - 2))) + [text]
    }

    private func names(_ rows: Range<Int>) -> [[UInt8]] {
        rows.map { Array(bytes[Int(starts[$0])..<(Int(starts[$0 + 1]) - 1)]) }
    }

    func finish() -> NameBlock {
        guard let folded else { return NameBlock(bytes: bytes, starts: starts, folded: nil) }
        var foldedBytes: [UInt8] = []
        var foldedStarts: [UInt32] = [0]
        for name in folded {
            foldedBytes.append(contentsOf: name)
            foldedBytes.append(0)
            foldedStarts.append(UInt32(foldedBytes.count))
        }
        return NameBlock(
            bytes: bytes, starts: starts, folded: NameBlock(bytes: foldedBytes, starts: foldedStarts, folded: nil))
    }
}
