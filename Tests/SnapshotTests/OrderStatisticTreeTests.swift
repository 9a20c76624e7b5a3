import RosterTesting
import Testing

@testable import RosterModel
@testable import RosterSnapshot

/// The tree behind every order of a list, and the map behind every look-up, against an array and a dictionary.
@Suite struct OrderStatisticTreeTests {
    /// Rows are ordered by their number with its bits turned round: nothing like the order of their coming.
    private static func precedes(_ left: RowID, _ right: RowID) -> Bool {
        reversed(left.number) < reversed(right.number)
    }

    private static func reversed(_ number: UInt32) -> UInt32 {
        (0..<32).reduce(0) { $0 | (number >> UInt32($1) & 1) << UInt32(31 - $1) }
    }

    private static func rows(_ order: OrderStatisticTree, from place: Int = 0, isReversed: Bool = false) -> [UInt32] {
        var rows: [UInt32] = []
        order.forEach(from: place, isReversed: isReversed) { row in
            rows.append(row.number)
            return true
        }
        return rows
    }

    @Test(arguments: [0, 1, 511, 512, 513, 32_768, 32_769, 40_000])
    func isBuiltInOrder(count: Int) {
        let rows = (0..<UInt32(count)).map { $0 }
        let order = OrderStatisticTree(rows)
        #expect(order.count == count)
        #expect(Self.rows(order) == rows)
        #expect(Self.rows(order, isReversed: true) == rows.reversed())
        #expect(Self.rows(order, from: count) == [])
        if count > 3 {
            #expect(Self.rows(order, from: 3).first == 3)
            #expect(Self.rows(order, from: 3, isReversed: true).first == UInt32(count - 4))
            #expect(order[count / 2].number == UInt32(count / 2))
        }
        for place in [0, count / 3, count] {
            #expect(order.firstPlace { $0.number < place } == place)
        }
    }

    @Test func changesAsAnArrayWouldAndLeavesTheOldOneAlone() {
        var random = SeededGenerator(seed: 7)
        var order = OrderStatisticTree()
        var model: [UInt32] = []
        for round in 0..<6000 {
            let before = round % 500 == 0 ? (order, model) : nil
            // It grows to some thousands, shrinks to nothing, and grows again.
            if round / 2000 % 2 == 0 || model.isEmpty {
                let row = UInt32.random(in: 0..<1_000_000, using: &random)
                guard !model.contains(row) else { continue }
                let place = model.firstIndex { Self.precedes(RowID(row), RowID($0)) } ?? model.count
                model.insert(row, at: place)
                order.insert(RowID(row), precedes: Self.precedes)
            } else {
                let row = model.remove(at: Int.random(in: 0..<model.count, using: &random))
                order.remove(RowID(row), precedes: Self.precedes)
            }
            #expect(order.count == model.count)
            if round % 97 == 0 { #expect(Self.rows(order) == model) }
            if let before { #expect(Self.rows(before.0) == before.1) }
        }
    }

    @Test func theMapFindsWhatIsThereAndNothingElse() {
        func hash(_ row: RowID) -> UInt64 { RowHash.hash(UInt64(row.number) / 3) }
        var random = SeededGenerator(seed: 8)
        let start = (0..<5000).map { UInt32($0) }
        var map = RowHashIndex(start.map { ($0, hash(RowID($0))) })
        var model = Set(start)
        for _ in 0..<20_000 {
            let row = UInt32.random(in: 0..<10_000, using: &random)
            if model.remove(row) != nil {
                map.remove(RowID(row), hash: hash(RowID(row)))
            } else {
                model.insert(row)
                map.insert(RowID(row), hash: hash(RowID(row)), rehash: hash)
            }
        }
        for row in 0..<UInt32(10_000) {
            let found = map.row(hash(RowID(row))) { $0.number == row }
            #expect((found != nil) == model.contains(row))
        }
    }
}
