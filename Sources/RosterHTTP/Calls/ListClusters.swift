import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/cluster/list`: the clusters that the caller may see (reference page, section 9).
///
/// `owner` means the calling account and narrows nothing, so it is not read.
struct ListClusters {
    static let action = "HpcClusterListClusterResponse"

    func answer(_ caller: AuthenticatedRequest, into json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(caller.request)
        var query = ClusterQuery(zone: try caller.requiredZone())
        if let text = parameters["cluster_id"] { query.cluster = try ClusterID(text) }
        query.type = try parameters.choice("cluster_type", of: ["hpc": .hpc, "ehpc": .ehpc])
        query.searchWord = try parameters.searchWord()
        query.sortKey =
            try parameters.choice("sort_key", of: ["create_time": .createTime, "cluster_name": .name]) ?? .createTime
        query.isReversed = try parameters.isReversed()
        query.limit = try parameters.limit()
        query.offset = try parameters.count("offset") ?? 0
        let (totalCount, clusters) = try caller.snapshot.clusters(query, scope: caller.scope)
        json.key("total_count")
        json.number(totalCount)
        json.key("cluster_set")
        json.array { json in
            for cluster in clusters { cluster.write(to: &json) }
        }
    }
}

extension Cluster {
    /// The cluster as an element of the list. What Roster does not keep is null.
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("cluster_id")
            json.string(id.text)
            json.key("cluster_name")
            json.string(name)
            json.key("cluster_type")
            json.string(type.rawValue)
            json.key("create_time")
            json.time(createTime)
            json.key("description")
            json.string(description)
            json.key("nas_id")
            json.null()
            json.key("nas_mount_point")
            json.string(nasMountPoint)
            json.key("nas_path")
            json.null()
            json.key("nas_shared_path")
            json.null()
        }
    }
}
