import Dispatch

/// Lays loaded users out: by cluster and in each in the default order, so that a cluster's names lie side by side and
/// a row's number tells its place. Uses the cores that there are.
struct UserLayout {
    let clusters: [Cluster]
    let table: UserTable
    private(set) var byID = RowMap()
    private(set) var byName = RowMap()
    private(set) var byUID = RowMap()
    private(set) var byAccount = RowOrder()
    private(set) var rowsOfCluster: [SortedRows]
    private(set) var blocksOfCluster: [[UInt32]]
    private(set) var rowsOfZone: [Zone: SortedRows] = [:]

    /// A cluster with at least so many users starts a block of its own: no other's names are read when it is searched.
    private static let large = 4 * RowID.rowsPerBlock

    init(_ loaded: LoadedUsers, clusters: [Cluster]) {
        self.clusters = clusters
        let keys = Self.sortedKeys(loaded, clusters: clusters)
        let ranges = Self.blockRanges(keys)
        let table = UserTable(blocks: Self.blocks(ranges, of: keys, loaded))
        self.table = table
        rowsOfCluster = Array(repeating: SortedRows(), count: clusters.count)
        blocksOfCluster = Array(repeating: [], count: clusters.count)
        for (block, range) in ranges.enumerated() {
            for key in keys[range] where blocksOfCluster[Int(key.cluster)].last != UInt32(block) {
                blocksOfCluster[Int(key.cluster)].append(UInt32(block))
            }
        }
        let rows = ranges.enumerated().flatMap { block, range in
            (0..<range.count).map { RowID(block: block, index: $0).number }
        }
        var parts = [Part](repeating: .map(RowMap()), count: 8)
        parts.withUnsafeMutableBufferPointer { parts in
            // Each writes its own element.
            nonisolated(unsafe) let parts = parts
            DispatchQueue.concurrentPerform(iterations: parts.count) { index in
                parts[index] =
                    switch index {
                    case 0: .order(Self.sorted(rows, in: table, by: .username))
                    case 1: .order(Self.sorted(rows, in: table, by: .createTime))
                    case 2: .order(Self.sorted(rows, in: table, by: .updateTime))
                    case 3: .order(Self.sorted(rows, in: table, by: .uidNumber))
                    case 4: .order(Self.sortedByAccount(rows, in: table))
                    case 5: .map(Self.map(rows, table.idHash))
                    case 6: .map(Self.map(rows, table.nameHash))
                    default: .map(Self.map(rows, table.uidHash))
                    }
            }
        }
        for (key, part) in zip([UserQuery.SortKey.username, .createTime, .updateTime, .uidNumber], parts) {
            if case .order(let rows) = part { deal(rows, by: key) }
        }
        if case .order(let rows) = parts[4] { byAccount = RowOrder(rows) }
        if case .map(let map) = parts[5] { byID = map }
        if case .map(let map) = parts[6] { byName = map }
        if case .map(let map) = parts[7] { byUID = map }
    }

    /// What one of the cores has made.
    private enum Part {
        case order([UInt32])
        case map(RowMap)
    }

    /// The keys in the order of the layout, with the numbers of `clusters`; users of an unknown cluster are left out.
    private static func sortedKeys(_ loaded: LoadedUsers, clusters: [Cluster]) -> [LoadedUsers.Key] {
        var numbers: [ClusterID: UInt32] = [:]
        for (number, cluster) in clusters.enumerated() { numbers[cluster.id] = UInt32(number) }
        let renumbered = loaded.clusters.map { numbers[$0] }
        var keys = loaded.keys.filter { renumbered[Int($0.cluster)] != nil }
        for index in keys.indices { keys[index].cluster = renumbered[Int(keys[index].cluster)] ?? 0 }
        keys.sort { left, right in
            if left.cluster != right.cluster { return left.cluster < right.cluster }
            if left.createTime != right.createTime { return left.createTime < right.createTime }
            if left.id != right.id { return left.id < right.id }
            return loaded.withFields(left) { left in
                loaded.withFields(right) { right in left.id.lexicographicallyPrecedes(right.id) }
            }
        }
        return keys
    }

    /// Which of the keys make a block each.
    private static func blockRanges(_ keys: [LoadedUsers.Key]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        var index = 0
        while index < keys.count {
            var end = index
            while end < keys.count, keys[end].cluster == keys[index].cluster { end += 1 }
            if end - index >= large, index > start {
                ranges.append(start..<index)
                start = index
            }
            while end - start >= RowID.rowsPerBlock {
                ranges.append(start..<(start + RowID.rowsPerBlock))
                start += RowID.rowsPerBlock
            }
            index = end
        }
        if start < keys.count { ranges.append(start..<keys.count) }
        return ranges
    }

    private static func blocks(
        _ ranges: [Range<Int>], of keys: [LoadedUsers.Key], _ loaded: LoadedUsers
    ) -> [UserBlock] {
        var blocks = [UserBlock](repeating: .empty, count: ranges.count)
        blocks.withUnsafeMutableBufferPointer { blocks in
            // Each writes its own element, and nobody adds to what is loaded any more.
            nonisolated(unsafe) let blocks = blocks
            nonisolated(unsafe) let keys = keys
            DispatchQueue.concurrentPerform(iterations: ranges.count) { number in
                var builder = UserBlockBuilder()
                for key in keys[ranges[number]] {
                    loaded.withFields(key) { builder.append($0, cluster: key.cluster) }
                }
                blocks[number] = builder.finish()
            }
        }
        return blocks
    }

    /// Deals rows in an order out to their clusters and zones.
    private mutating func deal(_ rows: [UInt32], by key: UserQuery.SortKey) {
        var ofCluster = [[UInt32]](repeating: [], count: clusters.count)
        var ofZone: [Zone: [UInt32]] = [:]
        let zones = Set(clusters.map(\.zone))
        if zones.count == 1, let zone = zones.first { ofZone[zone] = rows }
        for row in rows {
            let cluster = Int(table[RowID(row)].cluster)
            ofCluster[cluster].append(row)
            if zones.count > 1 { ofZone[clusters[cluster].zone, default: []].append(row) }
        }
        for (cluster, rows) in ofCluster.enumerated() { rowsOfCluster[cluster][key] = RowOrder(rows) }
        for (zone, rows) in ofZone { rowsOfZone[zone, default: SortedRows()][key] = RowOrder(rows) }
    }

    private static func sorted(_ rows: [UInt32], in table: UserTable, by key: UserQuery.SortKey) -> [UInt32] {
        table.sorted(rows.map { RowID($0) }, by: key).map(\.number)
    }

    private static func sortedByAccount(_ rows: [UInt32], in table: UserTable) -> [UInt32] {
        rows.map { SortItem(first: table[RowID($0)].account, second: 0, row: RowID($0)) }
            .sorted { $0.precedes($1) { table.precedesByAccount($0, $1) } }.map(\.row.number)
    }

    private static func map(_ rows: [UInt32], _ hash: (RowID) -> UInt64) -> RowMap {
        RowMap(rows.map { ($0, hash(RowID($0))) })
    }
}

/// A row and the start of what it is sorted by, side by side, so that sorting looks at few rows.
struct SortItem {
    let first: UInt64
    let second: UInt64
    let row: RowID

    /// - Parameter ties: decides where the starts are the same.
    func precedes(_ other: SortItem, ties: (RowID, RowID) -> Bool) -> Bool {
        if first != other.first { return first < other.first }
        if second != other.second { return second < other.second }
        return ties(row, other.row)
    }
}

extension UserTable {
    /// The rows in the order of `key`.
    func sorted(_ rows: [RowID], by key: UserQuery.SortKey) -> [RowID] {
        rows.map { sortItem($0, by: key) }.sorted { $0.precedes($1) { precedes($0, $1, by: key) } }.map(\.row)
    }

    private func sortItem(_ row: RowID, by key: UserQuery.SortKey) -> SortItem {
        func ascending(_ seconds: Int64) -> UInt64 { UInt64(bitPattern: seconds) ^ (1 << 63) }
        let record = self[row]
        switch key {
        case .createTime: return SortItem(first: ascending(record.createTime), second: record.id, row: row)
        case .updateTime: return SortItem(first: ascending(record.updateTime), second: record.id, row: row)
        case .uidNumber: return SortItem(first: UInt64(record.uidNumber), second: record.id, row: row)
        case .username:
            let name = block(of: row).names.foldableName(row.index)
            var words: (UInt64, UInt64) = (0, 0)
            for index in 0..<16 {
                let byte = index < name.count ? UInt64(name[index].asciiLowercased) : 0
                if index < 8 { words.0 = words.0 << 8 | byte } else { words.1 = words.1 << 8 | byte }
            }
            return SortItem(first: words.0, second: words.1, row: row)
        }
    }
}
