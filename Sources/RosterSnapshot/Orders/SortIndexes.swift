import RosterModel

/// The rows of a cluster or zone in each order that a list may have.
struct SortIndexes: Sendable {
    private var byCreateTime = OrderStatisticTree()
    private var byUpdateTime = OrderStatisticTree()
    private var byUsername = OrderStatisticTree()
    private var byUIDNumber = OrderStatisticTree()

    var count: Int { byCreateTime.count }

    subscript(key: UserQuery.SortKey) -> OrderStatisticTree {
        get {
            switch key {
            case .createTime: byCreateTime
            case .updateTime: byUpdateTime
            case .username: byUsername
            case .uidNumber: byUIDNumber
            }
        }
        set {
            switch key {
            case .createTime: byCreateTime = newValue
            case .updateTime: byUpdateTime = newValue
            case .username: byUsername = newValue
            case .uidNumber: byUIDNumber = newValue
            }
        }
    }

    /// Whether all orders have the same number of rows.
    private var isComplete: Bool {
        byCreateTime.count == byUpdateTime.count && byCreateTime.count == byUsername.count
            && byCreateTime.count == byUIDNumber.count
    }

    /// Inserts a row into the orders of `keys`.
    mutating func insert(_ row: RowID, by keys: [UserQuery.SortKey], in table: UserTable) {
        for key in keys { self[key].insert(row) { table.precedes($0, $1, by: key) } }
        assert(isComplete, "an order has other rows than the others")
    }

    /// Removes a row from the orders of `keys`; `table` must still hold the row as it was when inserted.
    mutating func remove(_ row: RowID, by keys: [UserQuery.SortKey], in table: UserTable) {
        for key in keys { self[key].remove(row) { table.precedes($0, $1, by: key) } }
    }
}

// The comparisons of a list's orders; ties are ordered by `hpcuser_id`.
extension UserTable {
    /// Whether the user in `left` precedes the one in `right`.
    func precedes(_ left: RowID, _ right: RowID, by key: UserQuery.SortKey) -> Bool {
        let (first, second) = (self[left], self[right])
        switch key {
        case .createTime:
            if first.createTime != second.createTime { return first.createTime < second.createTime }
        case .updateTime:
            if first.updateTime != second.updateTime { return first.updateTime < second.updateTime }
        case .username:
            let order = compareNames(left, right)
            if order != 0 { return order < 0 }
        case .uidNumber:
            if first.uidNumber != second.uidNumber { return first.uidNumber < second.uidNumber }
        }
        if first.id != second.id { return first.id < second.id }
        guard first.flags.contains(.longID) || second.flags.contains(.longID) else { return false }
        return block(of: left).withID(left.index) { first in
            block(of: right).withID(right.index) { second in first.lexicographicallyPrecedes(second) }
        }
    }

    /// Negative, zero or positive if the folded name in `left` precedes, equals or follows the one in `right`.
    private func compareNames(_ left: RowID, _ right: RowID) -> Int {
        let first = block(of: left).names.foldableName(left.index)
        let second = block(of: right).names.foldableName(right.index)
        for index in 0..<min(first.count, second.count) {
            let (one, other) = (first[index].asciiLowercased, second[index].asciiLowercased)
            if one != other { return Int(one) - Int(other) }
        }
        return first.count - second.count
    }

    /// The sort keys in which two states of a user differ.
    static func keysThatDiffer(_ before: User, _ after: User) -> [UserQuery.SortKey] {
        guard before.id == after.id else { return UserQuery.SortKey.allCases }
        return UserQuery.SortKey.allCases.filter { key in
            switch key {
            case .createTime: before.createTime != after.createTime
            case .updateTime: before.updateTime != after.updateTime
            case .username: before.username != after.username
            case .uidNumber: before.uidNumber != after.uidNumber
            }
        }
    }
}
