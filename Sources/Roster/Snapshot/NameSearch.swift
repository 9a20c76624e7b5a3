/// A word to be found in names, made ready once for all of them.
///
/// Case is left out of account as `FoldedText` does: a letter of the word stands for itself and its capital, everything
/// else for itself.
struct NameSearch {
    private let word: [UInt8]
    /// What is set in a byte before it is compared: the bit that makes a letter small, where the word has a letter.
    private let caseBits: [UInt8]
    /// `NameBlock.gramHash` of each three bytes of the word.
    private let grams: [UInt32]
    /// The two places of the word that are compared first: the rarest.
    private let anchors: (Int, Int)

    /// - Parameter text: not empty.
    init(_ text: String) {
        let word = FoldedText(text).bytes
        self.word = word
        caseBits = word.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? 0x20 : 0 }
        grams =
            word.count < 3
            ? [] : (0..<(word.count - 2)).map { NameBlock.gramHash(word[$0], word[$0 + 1], word[$0 + 2]) }
        // Far enough from the end of what may be read, whatever the word.
        let places = word.indices.prefix(NameBlock.padding / 2).sorted { Self.rarity(word[$0]) > Self.rarity(word[$1]) }
        anchors = (places[0], places.count > 1 ? places[1] : places[0])
    }

    /// How rare a byte is in names, roughly: vowels and the letters of pinyin are everywhere.
    private static func rarity(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "a"), UInt8(ascii: "n"), UInt8(ascii: "i"), UInt8(ascii: "g"): 0
        case UInt8(ascii: "u"), UInt8(ascii: "h"), UInt8(ascii: "e"), UInt8(ascii: "o"): 1
        case UInt8(ascii: "0")...UInt8(ascii: "9"): 2
        case UInt8(ascii: "a")...UInt8(ascii: "z"): 3
        default: 4
        }
    }

    /// Whether the word stands in a name.
    /// - Parameter name: as `NameBlock.withFoldableName` gives it.
    func isIn(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count >= word.count, let base = name.baseAddress else { return false }
        for start in 0...(name.count - word.count) where isAt(base + start) { return true }
        return false
    }

    private func isAt(_ place: UnsafePointer<UInt8>) -> Bool {
        word.withUnsafeBufferPointer { word in
            caseBits.withUnsafeBufferPointer { caseBits in
                for index in word.indices where place[index] | caseBits[index] != word[index] { return false }
                return true
            }
        }
    }

    /// Whether some name of `block` may hold the word.
    private func mayBeIn(_ block: NameBlock) -> Bool {
        guard word.count <= block.longest else { return false }
        let mask = UInt32(block.signature.count * 64 - 1)
        return grams.allSatisfy { block.signature[Int(($0 & mask) / 64)] >> UInt64($0 & mask & 63) & 1 == 1 }
    }

    /// The rows of `block` whose name holds the word; nil where there is none.
    func rows(of block: NameBlock) -> BlockMask? {
        let block = block.folded ?? block
        guard mayBeIn(block), !word.contains(0) else { return nil }
        var found = BlockMask()
        let length = Int(block.starts[block.starts.count - 1])
        let first = (word[anchors.0], caseBits[anchors.0])
        let second = (word[anchors.1], caseBits[anchors.1])
        block.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            for start in stride(from: 0, to: length, by: 32) {
                let lanes =
                    Self.lanes(base + start + anchors.0, first.0, first.1)
                    & Self.lanes(base + start + anchors.1, second.0, second.1)
                guard lanes != .zero else { continue }
                for lane in 0..<4 {
                    var hits = lanes[lane] & 0x0101_0101_0101_0101
                    while hits != 0 {
                        let place = start + lane * 8 + hits.trailingZeroBitCount / 8
                        hits &= hits - 1
                        if place < length, isAt(base + place) { found[Self.row(at: place, of: block)] = true }
                    }
                }
            }
        }
        return found == BlockMask() ? nil : found
    }

    /// For each of 32 bytes, all bits where it is `byte` once `caseBit` is set.
    private static func lanes(_ place: UnsafePointer<UInt8>, _ byte: UInt8, _ caseBit: UInt8) -> SIMD4<UInt64> {
        let bytes = UnsafeRawPointer(place).loadUnaligned(as: SIMD32<UInt8>.self)
        let isEqual = (bytes | SIMD32(repeating: caseBit)) .== SIMD32(repeating: byte)
        return unsafeBitCast(isEqual, to: SIMD4<UInt64>.self)
    }

    private static func row(at place: Int, of block: NameBlock) -> Int {
        var row = Int(block.rowOfPiece[place / NameBlock.pieceLength])
        while Int(block.starts[row + 1]) <= place { row += 1 }
        return row
    }
}
