import RosterModel

/// A set of rows of some blocks: the result of a search.
struct RowSet {
    /// Words of 64 rows, `BlockMask.wordCount` for each block in it.
    private var words: [UInt64] = []
    /// The blocks with rows in the set, in ascending order.
    private var blocks: [UInt32] = []
    private(set) var count = 0
    /// For each block of the table, its index in `blocks` plus one, or zero. Empty until `index` is called.
    private var places: [UInt32] = []

    /// Creates an empty set.
    /// - Parameter blockCount: the number of blocks whose rows may be added.
    init(blockCount: Int) {
        words.reserveCapacity(blockCount * BlockMask.wordCount)
        blocks.reserveCapacity(blockCount)
    }

    /// Adds rows of a block that follows all blocks in the set.
    /// - Parameter fill: sets the rows' bits in the words of a mask; returns false if there are none after all.
    mutating func append(_ block: Int, _ fill: (UnsafeMutablePointer<UInt64>) -> Bool) {
        precondition(blocks.last.map { $0 < block } ?? true, "blocks are added in ascending order, each once")
        let start = words.count
        words.append(contentsOf: repeatElement(0, count: BlockMask.wordCount))
        let added = words.withUnsafeMutableBufferPointer { words -> Int in
            guard let base = words.baseAddress, fill(base + start) else { return 0 }
            return (start..<words.count).reduce(0) { $0 + words[$1].nonzeroBitCount }
        }
        guard added > 0 else {
            words.removeLast(BlockMask.wordCount)
            return
        }
        blocks.append(UInt32(block))
        count += added
    }

    /// Prepares `contains`.
    mutating func index(blockCount: Int) {
        places = Array(repeating: 0, count: blockCount)
        for (place, block) in blocks.enumerated() { places[Int(block)] = UInt32(place + 1) }
    }

    /// Whether `row` is in the set. Call `index` first.
    func contains(_ row: RowID) -> Bool {
        let place = Int(places[row.block])
        guard place > 0 else { return false }
        return words[(place - 1) * BlockMask.wordCount + row.index / 64] >> UInt64(row.index % 64) & 1 == 1
    }

    /// At most `limit` rows after skipping `offset`, by ascending number, or descending if `isReversed`.
    func rows(offset: Int, limit: Int, isReversed: Bool) -> [RowID] {
        precondition(limit > 0 && offset >= 0, "a page has a first row and at least one")
        var rows: [RowID] = []
        var toSkip = offset
        for step in words.indices {
            let place = isReversed ? words.count - 1 - step : step
            var word = words[place]
            let inWord = word.nonzeroBitCount
            if toSkip >= inWord {
                toSkip -= inWord
                continue
            }
            let first = Int(blocks[place / BlockMask.wordCount]) * RowID.rowsPerBlock + place % BlockMask.wordCount * 64
            while word != 0 {
                let bit = isReversed ? 63 - word.leadingZeroBitCount : word.trailingZeroBitCount
                word &= ~(1 << UInt64(bit))
                if toSkip > 0 {
                    toSkip -= 1
                    continue
                }
                rows.append(RowID(UInt32(first + bit)))
                if rows.count == limit { return rows }
            }
        }
        return rows
    }

    /// All rows by ascending number.
    var rows: [RowID] { rows(offset: 0, limit: .max, isReversed: false) }
}
