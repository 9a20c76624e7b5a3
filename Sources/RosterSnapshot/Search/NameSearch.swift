import RosterModel

/// A word to find in names, prepared once for all of them.
///
/// Case is ignored as in `FoldedText`: an ASCII letter of the word matches both of its cases, any other byte only
/// itself.
struct NameSearch {
    private let word: [UInt8]
    /// The bits to set in a byte of a name before comparing it: the lower-case bit if the word has a letter there.
    private let caseBits: [UInt8]
    /// The first bytes of the word, at most `headLength`, and their case bits, each repeated sixteen times.
    private let head: [(byte: SIMD16<UInt8>, caseBit: SIMD16<UInt8>)]
    /// The distinct ASCII bytes of the word.
    private let letters: [UInt8]
    /// The places of the word's trigrams in a `TrigramIndex`.
    let grams: [UInt32]

    private static let headLength = 8

    /// Prepares a word.
    /// - Parameter text: not empty.
    init(_ text: String) {
        let word = FoldedText(text).bytes
        self.word = word
        let caseBits: [UInt8] = word.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? 0x20 : 0 }
        self.caseBits = caseBits
        head = word.indices.prefix(Self.headLength).map {
            (SIMD16(repeating: word[$0]), SIMD16(repeating: caseBits[$0]))
        }
        letters = Set(word.filter { $0 < 0x80 }).sorted()
        var grams: [UInt32] = []
        for place in word.indices.dropLast(2) {
            let gram = UInt32(word[place]) | UInt32(word[place + 1]) << 8 | UInt32(word[place + 2]) << 16
            grams.append(TrigramIndex.place(gram))
        }
        self.grams = grams
    }

    /// Whether a name contains the word.
    /// - Parameter name: from `NameBlock.foldableName`; `NameBlock.padding` bytes after it must be readable.
    func isIn(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = name.baseAddress else { return false }
        return withHead { isIn(base, length: name.count, $0) }
    }

    /// Sets the bits of the rows of `block` whose name contains the word.
    /// - Parameter rows: the words of an empty `BlockMask`.
    /// - Returns: false if there is certainly none.
    func find(in block: NameBlock, _ rows: UnsafeMutablePointer<UInt64>) -> Bool {
        let block = block.folded ?? block
        guard word.count <= block.longest else { return false }
        // The names that contain every letter of the word, in any order.
        var union: UInt64 = 0
        for index in 0..<BlockMask.wordCount { rows[index] = .max }
        for letter in letters {
            let holding = block.rows(holding: letter)
            for index in 0..<BlockMask.wordCount { rows[index] &= holding[index] }
        }
        // For a word of one ASCII letter, that is the result.
        if letters.count == 1, word.count == 1 { return true }
        withHead { head in
            for index in 0..<((block.count + 63) / 64) {
                var candidates = rows[index]
                // No bit is set beyond the last name.
                if index == block.count / 64 { candidates &= 1 << UInt64(block.count % 64) - 1 }
                var found: UInt64 = 0
                while candidates != 0 {
                    let bit = candidates.trailingZeroBitCount
                    candidates &= candidates &- 1
                    let name = block.name(ofCandidate: index * 64 + bit)
                    guard let base = name.baseAddress else { continue }
                    found |= (isIn(base, length: name.count, head) ? 1 : 0) << UInt64(bit)
                }
                rows[index] = found
                union |= found
            }
        }
        return union != 0
    }

    /// The head of the word in place, and `firstBytes`.
    private struct Head {
        let letters: UnsafeBufferPointer<(byte: SIMD16<UInt8>, caseBit: SIMD16<UInt8>)>
        let firstBytes: UnsafeBufferPointer<SIMD16<UInt8>>
    }

    @inline(__always)
    private func withHead<Result>(_ body: (Head) -> Result) -> Result {
        head.withUnsafeBufferPointer { letters in
            Self.firstBytes.withUnsafeBufferPointer { body(Head(letters: letters, firstBytes: $0)) }
        }
    }

    /// Whether a name contains the word. It checks sixteen positions at once, without a branch for each.
    @inline(__always)
    private func isIn(_ name: UnsafePointer<UInt8>, length: Int, _ head: Head) -> Bool {
        // The number of positions at which the word may start.
        var places = length - word.count + 1
        var start = name
        while places > 0 {
            var hits = head.firstBytes[min(places, 16)]
            for offset in 0..<head.letters.count {
                let letter = head.letters[offset]
                let bytes = UnsafeRawPointer(start + offset).loadUnaligned(as: SIMD16<UInt8>.self)
                hits &= unsafeBitCast((bytes | letter.caseBit) .== letter.byte, to: SIMD16<UInt8>.self)
            }
            let lanes = unsafeBitCast(hits, to: SIMD2<UInt64>.self)
            if lanes != .zero, word.count <= Self.headLength || isTailBehind(lanes, start) { return true }
            places -= 16
            start += 16
        }
        return false
    }

    /// Whether the rest of the word follows at one of the positions whose bits are set.
    private func isTailBehind(_ lanes: SIMD2<UInt64>, _ start: UnsafePointer<UInt8>) -> Bool {
        for lane in 0..<2 {
            var hits = lanes[lane] & 0x0101_0101_0101_0101
            while hits != 0 {
                let place = start + lane * 8 + hits.trailingZeroBitCount / 8
                hits &= hits &- 1
                let isComplete = (Self.headLength..<word.count).allSatisfy { place[$0] | caseBits[$0] == word[$0] }
                if isComplete { return true }
            }
        }
        return false
    }

    /// Masks with all bits of the first n bytes set, for n from 0 to 16.
    private static let firstBytes: [SIMD16<UInt8>] = (0...16).map { count in
        var bytes = SIMD16<UInt8>.zero
        for index in 0..<count { bytes[index] = .max }
        return bytes
    }
}
