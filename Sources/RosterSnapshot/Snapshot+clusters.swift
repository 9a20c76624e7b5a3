package import RosterModel

extension Snapshot {
    /// The page of clusters that match `query` and are visible in `scope`, and the total number of them.
    /// - Throws: `notFound`, like `page`.
    package func clusters(
        _ query: ClusterQuery, scope: Scope
    ) throws(RosterError) -> (totalCount: Int, clusters: [Cluster]) {
        let word = query.searchWord.map { FoldedText($0) }
        var found = try clustersInView(zone: query.zone, cluster: query.cluster, scope: scope).filter { cluster in
            guard query.type == nil || cluster.type == query.type else { return false }
            guard let word else { return true }
            return FoldedText(cluster.name).contains(word) || FoldedText(cluster.id.text).contains(word)
        }
        found.sort { left, right in
            switch query.sortKey {
            case .createTime: (left.createTime, left.id) < (right.createTime, right.id)
            case .name: (FoldedText(left.name), left.id) < (FoldedText(right.name), right.id)
            }
        }
        if query.isReversed { found.reverse() }
        return (found.count, Array(found.dropFirst(query.offset).prefix(query.limit)))
    }
}
