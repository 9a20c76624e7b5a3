import RosterModel

/// The location of a user's row in a `UserTable`: a block, and an index in it. A row keeps its number as long as the
/// user exists, so that orders and hash indexes can store it.
struct RowID: Sendable, Hashable {
    let number: UInt32

    /// The maximum number of rows of a block. A change copies one block, a search visits every block: this is a
    /// compromise.
    static let rowsPerBlock = 512

    init(_ number: UInt32) {
        self.number = number
    }

    /// Creates the number of a row.
    /// - Parameters:
    ///   - block: the index of a block in the table.
    ///   - index: an index in that block.
    init(block: Int, index: Int) {
        precondition((0..<Self.rowsPerBlock).contains(index), "a row has a place in its own block")
        number = UInt32(block * Self.rowsPerBlock + index)
    }

    var block: Int { Int(number) / Self.rowsPerBlock }
    var index: Int { Int(number) % Self.rowsPerBlock }
}

/// A set of rows of one block.
struct BlockMask: Sendable, Equatable {
    /// The number of 64-bit words for a block.
    static let wordCount = RowID.rowsPerBlock / 64

    var words = SIMD8<UInt64>.zero

    subscript(index: Int) -> Bool {
        get { words[index / 64] >> UInt64(index % 64) & 1 == 1 }
        set {
            let bit = UInt64(1) << UInt64(index % 64)
            if newValue { words[index / 64] |= bit } else { words[index / 64] &= ~bit }
        }
    }

    /// The number of rows in the set.
    var count: Int { words.indices.reduce(0) { $0 + words[$1].nonzeroBitCount } }
}
