import RosterModel

/// Where a user's row is in a `UserTable`: a block, and a place in it. A row keeps its number for as long as the user is
/// there, so orders and maps may hold it.
struct RowID: Sendable, Hashable {
    let number: UInt32

    /// The most rows of a block. A change copies one block, a search visits each: a compromise between the two.
    static let rowsPerBlock = 512

    init(_ number: UInt32) {
        self.number = number
    }

    /// - Parameters:
    ///   - block: a block of the table that the row is for.
    ///   - index: a place in that block.
    init(block: Int, index: Int) {
        precondition((0..<Self.rowsPerBlock).contains(index), "a row has a place in its own block")
        number = UInt32(block * Self.rowsPerBlock + index)
    }

    var block: Int { Int(number) / Self.rowsPerBlock }
    var index: Int { Int(number) % Self.rowsPerBlock }
}

/// A set of rows of one block.
struct BlockMask: Sendable, Equatable {
    /// How many words of 64 bits a block has.
    static let wordCount = RowID.rowsPerBlock / 64

    var words = SIMD8<UInt64>.zero

    subscript(index: Int) -> Bool {
        get { words[index / 64] >> UInt64(index % 64) & 1 == 1 }
        set {
            let bit = UInt64(1) << UInt64(index % 64)
            if newValue { words[index / 64] |= bit } else { words[index / 64] &= ~bit }
        }
    }

    /// How many rows are in the set.
    var count: Int { words.indices.reduce(0) { $0 + words[$1].nonzeroBitCount } }
}
