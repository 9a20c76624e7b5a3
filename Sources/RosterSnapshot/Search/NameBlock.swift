import RosterModel

/// The names of a block's rows, side by side in one buffer, so that a search runs at memory speed.
///
/// Everything is in one allocation, which is never written after initialization.
final class NameBlock: @unchecked Sendable {
    // Unchecked: only the initializer writes the memory behind the pointers, which lives as long as the block.

    /// The number of names.
    let count: Int
    /// All names in row order, each followed by a zero. After `length` bytes there are `padding` zeros for readers that
    /// read many bytes at once.
    let bytes: UnsafePointer<UInt8>
    let length: Int
    /// The start of each name in `bytes`, and the end of the last.
    let starts: UnsafePointer<UInt32>
    /// For each ASCII character, in lower case, the words of a `BlockMask` of the names that contain it. The first
    /// words stand for every character that occurs in no name, and are empty.
    private let letters: UnsafePointer<UInt64>
    private let letterPlaces: UnsafePointer<UInt8>
    /// The length of the longest name.
    let longest: Int
    /// The same names as `FoldedText` folds them, if any has characters beyond ASCII. Otherwise the names themselves
    /// are used, and comparisons ignore ASCII case.
    let folded: NameBlock?

    private let memory: UnsafeMutableRawPointer

    /// How many bytes past the end a reader may read.
    static let padding = 64

    init(_ names: NameList, folded: NameBlock?) {
        count = names.starts.count - 1
        // A row has the same index in the masks of letters and in the folded names.
        precondition(count <= RowID.rowsPerBlock, "a block has more names than rows")
        precondition(folded.map { $0.count == names.starts.count - 1 } ?? true, "a name has no folded one")
        length = names.bytes.count
        self.folded = folded
        let isSearched = folded == nil
        var places = [UInt8](repeating: 0, count: 128)
        var letterCount = 1
        for byte in isSearched ? names.bytes : [] where byte != 0 && byte < 0x80 {
            let letter = Int(byte.asciiLowercased)
            guard places[letter] == 0 else { continue }
            places[letter] = UInt8(letterCount)
            letterCount += 1
        }
        let letterWords = letterCount * BlockMask.wordCount
        let size =
            8 * letterWords + 4 * (count + 1) + length + Self.padding + places.count
        memory = .allocate(byteCount: size, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        var end = memory
        func reserve<Element>(_ type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
            let start = end.bindMemory(to: type, capacity: count)
            end += count * MemoryLayout<Element>.stride
            return start
        }
        let letters = reserve(UInt64.self, letterWords)
        let starts = reserve(UInt32.self, count + 1)
        let bytes = reserve(UInt8.self, length + Self.padding)
        let letterPlaces = reserve(UInt8.self, places.count)
        starts.update(from: names.starts, count: count + 1)
        bytes.update(from: names.bytes, count: length)
        letterPlaces.update(from: places, count: places.count)
        var longest = 0
        for row in 0..<count {
            let range = Int(starts[row])..<(Int(starts[row + 1]) - 1)
            longest = max(longest, range.count)
            guard isSearched else { continue }
            for place in range {
                let letter = bytes[place].asciiLowercased
                guard letter < 0x80 else { continue }
                letters[Int(places[Int(letter)]) * BlockMask.wordCount + row / 64] |= 1 << UInt64(row % 64)
            }
        }
        self.longest = longest
        self.letters = UnsafePointer(letters)
        self.starts = UnsafePointer(starts)
        self.bytes = UnsafePointer(bytes)
        self.letterPlaces = UnsafePointer(letterPlaces)
    }

    deinit {
        memory.deallocate()
    }

    /// The words of a mask of the rows whose name contains an ASCII byte, given in lower case.
    func rows(holding letter: UInt8) -> UnsafePointer<UInt64> {
        precondition(letter < 0x80, "only ASCII has a word for each letter")
        return letters + Int(letterPlaces[Int(letter)]) * BlockMask.wordCount
    }

    /// The name of a row, valid as long as the block lives.
    func name(_ row: Int) -> UnsafeBufferPointer<UInt8> {
        // Nothing else checks accesses through the pointers.
        precondition((0..<count).contains(row), "a row is of another block")
        return name(ofCandidate: row)
    }

    /// The name of a row, which must be below `count`. Callers check that once for all rows: a search spends most of
    /// its time here and has no check per name.
    @inline(__always)
    func name(ofCandidate row: Int) -> UnsafeBufferPointer<UInt8> {
        assert((0..<count).contains(row), "a row is of another block")
        return UnsafeBufferPointer(start: bytes + Int(starts[row]), count: Int(starts[row + 1] - starts[row]) - 1)
    }

    /// The name of a row as `FoldedText` folds it, except for ASCII case; valid as long as the block lives.
    func foldableName(_ row: Int) -> UnsafeBufferPointer<UInt8> { (folded ?? self).name(row) }
}

/// Names, each followed by a zero, with their starts and the end of the last.
struct NameList {
    private(set) var bytes: [UInt8] = []
    private(set) var starts: [UInt32] = [0]
    /// Whether any name has characters beyond ASCII.
    private(set) var needsFolding = false

    mutating func append(_ name: UnsafeBufferPointer<UInt8>) {
        var union: UInt8 = 0
        for byte in name { union |= byte }
        needsFolding = needsFolding || union >= 0x80
        bytes.append(contentsOf: name)
        bytes.append(0)
        starts.append(UInt32(bytes.count))
    }

    func block() -> NameBlock {
        guard needsFolding else { return NameBlock(self, folded: nil) }
        var folded = NameList()
        for (start, end) in zip(starts, starts.dropFirst()) {
            let name = FoldedText(String(decoding: bytes[Int(start)..<(Int(end) - 1)], as: UTF8.self)).bytes
            name.withUnsafeBufferPointer { folded.append($0) }
        }
        return NameBlock(self, folded: NameBlock(folded, folded: nil))
    }
}
