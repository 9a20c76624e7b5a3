/// One cluster in a snapshot: what is known of it, and the rows of its users.
final class ClusterShard: Sendable {
    let cluster: Cluster
    let groups: ClusterGroups
    let rows: SortedRows
    /// The blocks that hold rows of it, ascending; one may hold none any more.
    let blocks: [UInt32]
    /// Whether the default order is the order of the rows' numbers, as it is after loading and while new users are
    /// the newest.
    let isInSequence: Bool

    init(
        _ cluster: Cluster, groups: ClusterGroups = ClusterGroups(), rows: SortedRows = SortedRows(),
        blocks: [UInt32] = [],
        isInSequence: Bool = true
    ) {
        self.cluster = cluster
        self.groups = groups
        self.rows = rows
        self.blocks = blocks
        self.isInSequence = isInSequence
    }

    func with(_ cluster: Cluster) -> ClusterShard {
        ClusterShard(cluster, groups: groups, rows: rows, blocks: blocks, isInSequence: isInSequence)
    }

    func with(_ groups: ClusterGroups) -> ClusterShard {
        ClusterShard(cluster, groups: groups, rows: rows, blocks: blocks, isInSequence: isInSequence)
    }

    /// With rows of which `changed`, if given, is at a new place.
    func with(_ rows: SortedRows, changed: RowID?) -> ClusterShard {
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
        return ClusterShard(cluster, groups: groups, rows: rows, blocks: blocks, isInSequence: isInSequence)
    }
}

/// One zone in a snapshot.
final class ZoneShard: Sendable {
    let clusters: Set<ClusterID>
    /// The users of all its clusters.
    let rows: SortedRows

    init(clusters: Set<ClusterID> = [], rows: SortedRows = SortedRows()) {
        self.clusters = clusters
        self.rows = rows
    }

    func with(_ rows: SortedRows) -> ZoneShard { ZoneShard(clusters: clusters, rows: rows) }

    func adding(_ cluster: ClusterID) -> ZoneShard { ZoneShard(clusters: clusters.union([cluster]), rows: rows) }

    func removing(_ cluster: ClusterID) -> ZoneShard {
        ZoneShard(clusters: clusters.subtracting([cluster]), rows: rows)
    }
}
