import RosterModel

/// Rows by the hash of a key that is stored in the rows themselves: a little over four bytes per row. It has many
/// parts, so that changing a copy copies one of them.
struct RowHashIndex: Sendable {
    private var parts: ChunkedArray<Part>

    private static let partBits = 12

    init() {
        parts = ChunkedArray(repeatElement(Part(), count: 1 << Self.partBits))
    }

    /// Builds an index.
    /// - Parameter rows: rows with their hashes, in any order.
    init(_ rows: [(row: UInt32, hash: UInt64)]) {
        // Part by part: each is allocated once, in its final size.
        var starts = [Int](repeating: 0, count: 1 << Self.partBits + 1)
        for (_, hash) in rows { starts[Self.part(of: hash) + 1] += 1 }
        for part in starts.indices.dropFirst() { starts[part] += starts[part - 1] }
        var ends = starts
        var distributed = [(row: UInt32, hash: UInt64)](repeating: (0, 0), count: rows.count)
        for row in rows {
            let part = Self.part(of: row.hash)
            distributed[ends[part]] = row
            ends[part] += 1
        }
        parts = ChunkedArray((0..<(1 << Self.partBits)).map { Part(distributed[starts[$0]..<starts[$0 + 1]]) })
    }

    /// The row with this hash for which `isIt` is true; nil if there is none.
    func row(_ hash: UInt64, where isIt: (RowID) -> Bool) -> RowID? {
        parts[Self.part(of: hash)].row(hash, where: isIt)
    }

    /// Inserts `row`, which must not be in the index.
    /// - Parameter rehash: computes the hash of a row in the index.
    mutating func insert(_ row: RowID, hash: UInt64, rehash: (RowID) -> UInt64) {
        parts[Self.part(of: hash)].insert(row.number, hash: hash, rehash: rehash)
    }

    /// Removes `row`, which must be in the index under this hash.
    mutating func remove(_ row: RowID, hash: UInt64) {
        parts[Self.part(of: hash)].remove(row.number, hash: hash)
    }

    private static func part(of hash: UInt64) -> Int { Int(hash >> UInt64(64 - partBits)) }

    /// A table with open addressing: a row is at the place of its hash, or at the next free one after it.
    private struct Part: Sendable {
        private var places: [UInt32] = []
        /// The number of places in use: those of rows, and those left by removed ones.
        private var used = 0

        private static let free = UInt32.max
        private static let removed = UInt32.max - 1

        init() {}

        init(_ rows: some Collection<(row: UInt32, hash: UInt64)>) {
            if rows.isEmpty { return }
            places = Array(repeating: Self.free, count: rows.count + rows.count / 3 + 4)
            for (row, hash) in rows { insert(row, hash) }
        }

        /// Inserts a row at the first free place from that of its hash on.
        private mutating func insert(_ row: UInt32, _ hash: UInt64) {
            precondition(row < Self.removed, "a row's number means that a place is free")
            var place = first(hash)
            while places[place] != Self.free { place = next(place) }
            places[place] = row
            used += 1
        }

        /// The first place of a hash; `next` continues from it, wrapping around.
        private func first(_ hash: UInt64) -> Int {
            Int(UInt64(UInt32(truncatingIfNeeded: hash)) * UInt64(places.count) >> 32)
        }

        private func next(_ place: Int) -> Int { place + 1 == places.count ? 0 : place + 1 }

        func row(_ hash: UInt64, where isIt: (RowID) -> Bool) -> RowID? {
            guard !places.isEmpty else { return nil }
            var place = first(hash)
            while places[place] != Self.free {
                if places[place] != Self.removed, isIt(RowID(places[place])) { return RowID(places[place]) }
                place = next(place)
            }
            return nil
        }

        mutating func insert(_ row: UInt32, hash: UInt64, rehash: (RowID) -> UInt64) {
            if (used + 1) * 8 > places.count * 7 { grow(rehash: rehash) }
            insert(row, hash)
        }

        mutating func remove(_ row: UInt32, hash: UInt64) {
            precondition(!places.isEmpty, "the row is not where its hash says")
            var place = first(hash)
            while places[place] != Self.free {
                if places[place] == row {
                    places[place] = Self.removed
                    return
                }
                place = next(place)
            }
            preconditionFailure("the row is not where its hash says")
        }

        private mutating func grow(rehash: (RowID) -> UInt64) {
            let rows = places.filter { $0 != Self.free && $0 != Self.removed }
            places = Array(repeating: Self.free, count: rows.count + rows.count / 3 + 4)
            used = 0
            for row in rows { insert(row, rehash(RowID(row))) }
        }
    }
}
