import RosterModel

/// All users of a snapshot, in blocks. A value: a changed copy shares every block except the changed one.
struct UserTable: Sendable {
    private(set) var blocks: ChunkedArray<UserBlock>
    private(set) var trigrams: TrigramIndexes
    /// The number of users.
    private(set) var count: Int
    /// Whether any user may have attributes: at least one has, or had.
    private(set) var hasAttributes: Bool
    /// The block that takes the next new user.
    private var openBlock: Int?

    init(blocks: [UserBlock]) {
        self.blocks = ChunkedArray(blocks)
        trigrams = TrigramIndexes(blocks)
        count = blocks.reduce(0) { $0 + $1.liveCount }
        hasAttributes = blocks.contains(where: \.hasAttributes)
        openBlock = blocks.last.map { $0.hasRoom } == true ? blocks.count - 1 : nil
    }

    subscript(row: RowID) -> UserRecord { blocks[row.block][row.index] }

    func block(of row: RowID) -> UserBlock { blocks[row.block] }

    /// Adds a new user.
    mutating func add(_ fields: UserView, cluster: ClusterNumber) -> RowID {
        let number = blockWithRoom()
        let block = blocks[number]
        guard let index = block.hasRoom ? block.count : block.firstDead else {
            preconditionFailure("the block that takes new users is full")
        }
        let after = block.upserting(fields, cluster: cluster, at: index)
        blocks[number] = after
        if !fields.attributes.isEmpty { hasAttributes = true }
        trigrams.replaced(number, block, by: after)
        count += 1
        return RowID(block: number, index: index)
    }

    /// Replaces the user in `row` by `fields`.
    mutating func replace(_ row: RowID, with fields: UserView, cluster: ClusterNumber) {
        let before = blocks[row.block]
        let after = before.upserting(fields, cluster: cluster, at: row.index)
        blocks[row.block] = after
        if !fields.attributes.isEmpty { hasAttributes = true }
        trigrams.replaced(row.block, before, by: after)
    }

    mutating func remove(_ row: RowID) {
        blocks[row.block] = blocks[row.block].removing(row.index)
        count -= 1
    }

    private mutating func blockWithRoom() -> Int {
        if let openBlock, blocks[openBlock].hasRoom || blocks[openBlock].firstDead != nil { return openBlock }
        if let openBlock { trigrams.reindex(openBlock, blocks[openBlock]) }
        // Searched for once per block of new users: a block that has lost more than half of its users is filled again.
        let half = RowID.rowsPerBlock / 2
        if let number = blocks.indices.first(where: { blocks[$0].liveCount < half }) {
            openBlock = number
            return number
        }
        blocks.append(.empty)
        openBlock = blocks.count - 1
        return blocks.count - 1
    }
}
