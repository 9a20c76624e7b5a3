import RosterModel

/// A cluster in a snapshot: its settings, its groups, and the rows of its users.
final class ClusterIndex: Sendable {
    let cluster: Cluster
    let groups: ClusterGroups
    let rows: SortIndexes
    /// The blocks that hold its rows, ascending; some of them may no longer hold any.
    let blocks: [UInt32]
    /// Whether the default order is the order of row numbers. It is after loading, and as long as added users are the
    /// newest.
    let isInSequence: Bool

    init(
        _ cluster: Cluster, groups: ClusterGroups = ClusterGroups(), rows: SortIndexes = SortIndexes(),
        blocks: [UInt32] = [],
        isInSequence: Bool = true
    ) {
        self.cluster = cluster
        self.groups = groups
        self.rows = rows
        self.blocks = blocks
        self.isInSequence = isInSequence
    }

    func with(_ cluster: Cluster) -> ClusterIndex {
        ClusterIndex(cluster, groups: groups, rows: rows, blocks: blocks, isInSequence: isInSequence)
    }

    func with(_ groups: ClusterGroups) -> ClusterIndex {
        ClusterIndex(cluster, groups: groups, rows: rows, blocks: blocks, isInSequence: isInSequence)
    }

    /// A copy with new orders; `changed`, if not nil, is a row that was added to them or moved.
    func with(_ rows: SortIndexes, changed: RowID?) -> ClusterIndex {
        var blocks = blocks
        var isInSequence = isInSequence
        if let changed {
            let order = rows[.createTime]
            let isLast = order.last == changed && (order.count < 2 || order[order.count - 2].number < changed.number)
            isInSequence = isInSequence && isLast
            let block = UInt32(changed.block)
            if !blocks.contains(block) {
                blocks.append(block)
                blocks.sort()
            }
        }
        return ClusterIndex(cluster, groups: groups, rows: rows, blocks: blocks, isInSequence: isInSequence)
    }
}

/// A zone in a snapshot.
final class ZoneIndex: Sendable {
    let clusters: Set<ClusterID>
    /// The users of all its clusters.
    let rows: SortIndexes

    init(clusters: Set<ClusterID> = [], rows: SortIndexes = SortIndexes()) {
        self.clusters = clusters
        self.rows = rows
    }

    func with(_ rows: SortIndexes) -> ZoneIndex { ZoneIndex(clusters: clusters, rows: rows) }

    func adding(_ cluster: ClusterID) -> ZoneIndex { ZoneIndex(clusters: clusters.union([cluster]), rows: rows) }

    func removing(_ cluster: ClusterID) -> ZoneIndex {
        ZoneIndex(clusters: clusters.subtracting([cluster]), rows: rows)
    }
}
