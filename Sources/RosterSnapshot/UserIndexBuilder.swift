import Dispatch
import RosterModel

/// Arranges loaded users by cluster, and within a cluster in the default order, so that a cluster's names lie side by
/// side and row numbers follow the default order. It uses all cores.
struct UserIndexBuilder {
    let table: UserTable
    private(set) var byID = RowHashIndex()
    private(set) var byName = RowHashIndex()
    private(set) var byUID = RowHashIndex()
    private(set) var byAccount = OrderStatisticTree()
    /// By cluster number.
    private(set) var clusters: ClusterList<ClusterSegment>
    private(set) var rowsOfZone: [Zone: SortIndexes] = [:]

    /// A cluster with at least this many users starts a new block, so that searching it does not read another cluster's
    /// names.
    private static let large = 4 * RowID.rowsPerBlock

    /// A cluster and the location of its users.
    struct ClusterSegment {
        let cluster: Cluster
        var rows = SortIndexes()
        /// The blocks that hold its rows, ascending.
        var blocks: [UInt32] = []
    }

    /// A loaded user with its cluster's number in the snapshot. `key` has the cluster's number among the loaded
    /// clusters, which may differ.
    private struct NumberedKey {
        let key: UserArena.Key
        let cluster: ClusterNumber
    }

    init(_ loaded: UserArena, clusters: [Cluster]) {
        self.clusters = ClusterList(clusters.map { ClusterSegment(cluster: $0) })
        let keys = Self.sortedKeys(loaded, clusters: clusters)
        let ranges = Self.blockRanges(keys)
        let table = UserTable(blocks: Self.blocks(ranges, of: keys, loaded))
        self.table = table
        for (block, range) in ranges.enumerated() {
            for key in keys[range] where self.clusters[key.cluster].blocks.last != UInt32(block) {
                self.clusters.change(key.cluster) { $0.blocks.append(UInt32(block)) }
            }
        }
        let rows = ranges.enumerated().flatMap { block, range in
            (0..<range.count).map { RowID(block: block, index: $0).number }
        }
        var parts = [Part?](repeating: nil, count: 8)
        parts.withUnsafeMutableBufferPointer { parts in
            // Each iteration writes only its own element.
            nonisolated(unsafe) let parts = parts
            DispatchQueue.concurrentPerform(iterations: parts.count) { index in
                parts[index] =
                    switch index {
                    case 0: .sorted(Self.sorted(rows, in: table, by: .username), by: .username)
                    case 1: .sorted(Self.sorted(rows, in: table, by: .createTime), by: .createTime)
                    case 2: .sorted(Self.sorted(rows, in: table, by: .updateTime), by: .updateTime)
                    case 3: .sorted(Self.sorted(rows, in: table, by: .uidNumber), by: .uidNumber)
                    case 4: .sortedByAccount(Self.sortedByAccount(rows, in: table))
                    case 5: .byID(Self.map(rows, table.idHash))
                    case 6: .byName(Self.map(rows, table.nameHash))
                    default: .byUID(Self.map(rows, table.uidHash))
                    }
            }
        }
        for part in parts {
            switch part {
            case .sorted(let rows, by: let key): distribute(rows, by: key)
            case .sortedByAccount(let rows): byAccount = OrderStatisticTree(rows)
            case .byID(let map): byID = map
            case .byName(let map): byName = map
            case .byUID(let map): byUID = map
            case nil: preconditionFailure("a part of the layout was not made")
            }
        }
    }

    /// The result of one parallel task. Each says which one it is, so that none depends on its position.
    private enum Part {
        case sorted([UInt32], by: UserQuery.SortKey)
        case sortedByAccount([UInt32])
        case byID(RowHashIndex)
        case byName(RowHashIndex)
        case byUID(RowHashIndex)
    }

    /// The keys in layout order, numbered as in `clusters`; users of unknown clusters are left out.
    private static func sortedKeys(_ loaded: UserArena, clusters: [Cluster]) -> [NumberedKey] {
        var numbers: [ClusterID: ClusterNumber] = [:]
        for (place, cluster) in clusters.enumerated() { numbers[cluster.id] = ClusterNumber(place) }
        let numberOfLoaded = loaded.clusters.map { numbers[$0] }
        var keys: [NumberedKey] = []
        keys.reserveCapacity(loaded.count)
        for key in loaded.keys {
            if let number = key.cluster.element(of: numberOfLoaded) {
                keys.append(NumberedKey(key: key, cluster: number))
            }
        }
        keys.sort { left, right in
            if left.cluster != right.cluster { return left.cluster.value < right.cluster.value }
            if left.key.createTime != right.key.createTime { return left.key.createTime < right.key.createTime }
            if left.key.id != right.key.id { return left.key.id < right.key.id }
            return loaded.withFields(left.key) { left in
                loaded.withFields(right.key) { right in left.id.lexicographicallyPrecedes(right.id) }
            }
        }
        return keys
    }

    /// The ranges of keys that form one block each.
    private static func blockRanges(_ keys: [NumberedKey]) -> [Range<Int>] {
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
        _ ranges: [Range<Int>], of keys: [NumberedKey], _ loaded: UserArena
    ) -> [UserBlock] {
        var blocks = [UserBlock](repeating: .empty, count: ranges.count)
        blocks.withUnsafeMutableBufferPointer { blocks in
            // Each iteration writes only its own element, and the loaded users no longer change.
            nonisolated(unsafe) let blocks = blocks
            nonisolated(unsafe) let keys = keys
            DispatchQueue.concurrentPerform(iterations: ranges.count) { number in
                var builder = UserBlockBuilder()
                for key in keys[ranges[number]] {
                    loaded.withFields(key.key) { builder.append($0, cluster: key.cluster) }
                }
                blocks[number] = builder.finish()
            }
        }
        return blocks
    }

    /// Distributes sorted rows over the indexes of their clusters and zones.
    private mutating func distribute(_ rows: [UInt32], by key: UserQuery.SortKey) {
        var ofCluster = ClusterList([[UInt32]](repeating: [], count: clusters.elements.count))
        var ofZone: [Zone: [UInt32]] = [:]
        let zones = Set(clusters.elements.map(\.cluster.zone))
        if zones.count == 1, let zone = zones.first { ofZone[zone] = rows }
        for row in rows {
            let cluster = table[RowID(row)].cluster
            ofCluster.change(cluster) { $0.append(row) }
            if zones.count > 1 { ofZone[clusters[cluster].cluster.zone, default: []].append(row) }
        }
        for place in clusters.elements.indices {
            let number = ClusterNumber(place)
            clusters.change(number) { $0.rows[key] = OrderStatisticTree(ofCluster[number]) }
        }
        for (zone, rows) in ofZone { rowsOfZone[zone, default: SortIndexes()][key] = OrderStatisticTree(rows) }
    }

    private static func sorted(_ rows: [UInt32], in table: UserTable, by key: UserQuery.SortKey) -> [UInt32] {
        table.sorted(rows.map { RowID($0) }, by: key).map(\.number)
    }

    private static func sortedByAccount(_ rows: [UInt32], in table: UserTable) -> [UInt32] {
        rows.map { SortItem(first: table[RowID($0)].account, second: 0, row: RowID($0)) }
            .sorted { $0.precedes($1) { table.precedesByAccount($0, $1) } }.map(\.row.number)
    }

    private static func map(_ rows: [UInt32], _ hash: (RowID) -> UInt64) -> RowHashIndex {
        RowHashIndex(rows.map { ($0, hash(RowID($0))) })
    }
}

/// A row and the first bytes of its sort key, side by side, so that sorting reads few rows.
struct SortItem {
    let first: UInt64
    let second: UInt64
    let row: RowID

    /// Whether this item precedes `other`.
    /// - Parameter ties: decides if the first bytes are equal.
    func precedes(_ other: SortItem, ties: (RowID, RowID) -> Bool) -> Bool {
        if first != other.first { return first < other.first }
        if second != other.second { return second < other.second }
        return ties(row, other.row)
    }
}

extension UserTable {
    /// The rows, sorted by `key`.
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
