import Dispatch
import RosterModel

/// A text of a user in which words are sought.
enum SearchColumn: CaseIterable {
    case username, fullName, mail
}

/// The index of each column.
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

    /// Says that a block of the table is another one now.
    mutating func replaced(_ number: Int, _ before: UserBlock, by after: UserBlock) {
        for column in SearchColumn.allCases where before.texts(of: column) !== after.texts(of: column) {
            self[column].markStale(number)
        }
    }

    /// Indexes the texts of a block as they are.
    mutating func reindex(_ number: Int, _ block: UserBlock) {
        for column in SearchColumn.allCases { self[column].reindex(number, block.texts(of: column)) }
    }
}

/// Which blocks may hold three letters in a row, for all blocks at once: a search for a rare word looks at few blocks.
///
/// A group of 64 blocks has a word for each hash of three letters, and in it a bit for each block. A block whose texts have
/// changed since is stale: it is a candidate for every word until it is full and indexed again.
struct TrigramIndex: Sendable {
    private var groups: [Group] = []

    /// How many blocks a group has.
    static let groupSize = 64

    private struct Group: Sendable {
        var matrix = TrigramBitmap.empty
        /// The blocks whose texts have changed since they were indexed.
        var stale: UInt64 = 0
    }

    /// - Parameter blocks: the texts of each block; nil where a block has none.
    init(_ blocks: [NameBlock?]) {
        let count = (blocks.count + Self.groupSize - 1) / Self.groupSize
        groups = Array(repeating: Group(), count: count)
        groups.withUnsafeMutableBufferPointer { groups in
            // Each writes its own element.
            nonisolated(unsafe) let groups = groups
            DispatchQueue.concurrentPerform(iterations: count) { number in
                let members = blocks[(number * Self.groupSize)...].prefix(Self.groupSize).enumerated()
                let present = members.compactMap { member, names in names.map { (member, $0) } }
                if !present.isEmpty { groups[number].matrix = TrigramBitmap(.empty, adding: present) }
            }
        }
    }

    /// Marks a block whose texts are no longer those that were indexed.
    mutating func markStale(_ block: Int) {
        while groups.count <= block / Self.groupSize { groups.append(Group()) }
        groups[block / Self.groupSize].stale |= 1 << UInt64(block % Self.groupSize)
    }

    /// Indexes the texts of a block as they are.
    mutating func reindex(_ number: Int, _ names: NameBlock?) {
        let (group, member) = (number / Self.groupSize, number % Self.groupSize)
        while groups.count <= group { groups.append(Group()) }
        if let names { groups[group].matrix = TrigramBitmap(groups[group].matrix, adding: [(member, names)]) }
        groups[group].stale &= ~(1 << UInt64(member))
    }

    /// A bit for each block of a group that may hold all of `grams`.
    func candidates(in group: Int, grams: [UInt32]) -> UInt64 {
        guard group < groups.count else { return 0 }
        return groups[group].matrix.candidates(grams) | groups[group].stale
    }

    /// The place of three bytes in a matrix; letters are small.
    static func place(_ gram: UInt32) -> UInt32 {
        let mixed = gram &* 0x9E37_79B1
        return (mixed ^ (mixed >> 15)) & UInt32(TrigramBitmap.width - 1)
    }
}

/// A bit for each hash of three letters and each of 64 blocks. Nobody changes it once it was made.
private final class TrigramBitmap: @unchecked Sendable {
    // Unchecked: the memory is written by the initialiser only, and lives as long as the matrix.

    /// With so many places a block of 512 names sets one in fourteen.
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
