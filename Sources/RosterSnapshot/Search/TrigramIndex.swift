import Dispatch
import RosterModel

/// A text of a user that is searched for words.
enum SearchColumn: CaseIterable {
    case username, fullName, mail
}

/// One trigram index per column.
struct TrigramIndexes: Sendable {
    private var usernames: TrigramIndex
    private var fullNames: TrigramIndex
    private var mails: TrigramIndex

    init(_ blocks: [UserBlock]) {
        usernames = TrigramIndex(blocks.map { $0.texts(of: .username) })
        fullNames = TrigramIndex(blocks.map { $0.texts(of: .fullName) })
        mails = TrigramIndex(blocks.map { $0.texts(of: .mail) })
    }

    subscript(column: SearchColumn) -> TrigramIndex {
        get {
            switch column {
            case .username: usernames
            case .fullName: fullNames
            case .mail: mails
            }
        }
        _modify {
            switch column {
            case .username: yield &usernames
            case .fullName: yield &fullNames
            case .mail: yield &mails
            }
        }
    }

    /// Records that a block of the table was replaced.
    mutating func replaced(_ number: Int, _ before: UserBlock, by after: UserBlock) {
        for column in SearchColumn.allCases where before.texts(of: column) !== after.texts(of: column) {
            self[column].markStale(number)
        }
    }

    /// Indexes the current texts of a block.
    mutating func reindex(_ number: Int, _ block: UserBlock) {
        for column in SearchColumn.allCases { self[column].reindex(number, block.texts(of: column)) }
    }
}

/// Tells which blocks may contain given trigrams, so that a search for a rare word reads few blocks.
///
/// A group of 64 blocks has a word for each trigram hash, with a bit for each block. A block whose texts have changed
/// since is stale: it is a candidate for every word until it is full and indexed again.
struct TrigramIndex: Sendable {
    private var groups: [Group] = []

    /// The number of blocks in a group.
    static let groupSize = 64

    private struct Group: Sendable {
        var matrix = TrigramBitmap.empty
        /// The blocks whose texts have changed since they were indexed.
        var stale: UInt64 = 0
    }

    /// Builds an index.
    /// - Parameter blocks: the texts of each block; nil if a block has none.
    init(_ blocks: [NameBlock?]) {
        let count = (blocks.count + Self.groupSize - 1) / Self.groupSize
        groups = Array(repeating: Group(), count: count)
        groups.withUnsafeMutableBufferPointer { groups in
            // Each iteration writes only its own element.
            nonisolated(unsafe) let groups = groups
            DispatchQueue.concurrentPerform(iterations: count) { number in
                let members = blocks[(number * Self.groupSize)...].prefix(Self.groupSize).enumerated()
                let present = members.compactMap { member, names in names.map { (member, $0) } }
                if !present.isEmpty { groups[number].matrix = TrigramBitmap(.empty, adding: present) }
            }
        }
    }

    /// Marks a block whose texts differ from those that were indexed.
    mutating func markStale(_ block: Int) {
        while groups.count <= block / Self.groupSize { groups.append(Group()) }
        groups[block / Self.groupSize].stale |= 1 << UInt64(block % Self.groupSize)
    }

    /// Indexes the current texts of a block.
    mutating func reindex(_ number: Int, _ names: NameBlock?) {
        let (group, member) = (number / Self.groupSize, number % Self.groupSize)
        while groups.count <= group { groups.append(Group()) }
        if let names { groups[group].matrix = TrigramBitmap(groups[group].matrix, adding: [(member, names)]) }
        groups[group].stale &= ~(1 << UInt64(member))
    }

    /// One bit for each block of a group that may contain all of `grams`.
    func candidates(in group: Int, grams: [UInt32]) -> UInt64 {
        guard group < groups.count else { return 0 }
        return groups[group].matrix.candidates(grams) | groups[group].stale
    }

    /// The hash of three bytes, with letters in lower case: an index in a bitmap.
    static func place(_ gram: UInt32) -> UInt32 {
        let mixed = gram &* 0x9E37_79B1
        return (mixed ^ (mixed >> 15)) & UInt32(TrigramBitmap.width - 1)
    }
}

/// One bit for each trigram hash and each of 64 blocks. Immutable.
private final class TrigramBitmap: @unchecked Sendable {
    // Unchecked: only the initializer writes the memory, which lives as long as the bitmap.

    /// The number of hashes. A block of 512 names sets about one in fourteen bits.
    static let width = 1 << 15

    static let empty = TrigramBitmap()

    private let words: UnsafeMutablePointer<UInt64>

    private init() {
        words = .allocate(capacity: Self.width)
        words.initialize(repeating: 0, count: Self.width)
    }

    init(_ before: TrigramBitmap, adding blocks: [(member: Int, names: NameBlock)]) {
        words = .allocate(capacity: Self.width)
        words.initialize(from: before.words, count: Self.width)
        for (member, searched) in blocks {
            precondition(
                (0..<TrigramIndex.groupSize).contains(member), "a block has a bit in the words of its own group")
            let names = searched.folded ?? searched
            for row in 0..<names.count {
                var gram: UInt32 = 0
                for (place, byte) in names.name(row).enumerated() {
                    gram = gram >> 8 | UInt32(byte.asciiLowercased) << 16
                    if place >= 2 { words[Int(TrigramIndex.place(gram))] |= 1 << UInt64(member) }
                }
            }
        }
    }

    deinit {
        words.deallocate()
    }

    func candidates(_ grams: [UInt32]) -> UInt64 {
        var blocks = UInt64.max
        for gram in grams {
            precondition(gram < Self.width, "a gram's place is in another matrix")
            blocks &= words[Int(gram)]
        }
        return blocks
    }
}
