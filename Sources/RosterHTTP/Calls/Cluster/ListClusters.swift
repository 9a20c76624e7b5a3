import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/cluster/list`: the clusters that the caller may see (reference page, section 9).
///
/// `owner` names the calling account and does not narrow the list, so the call ignores it.
struct ListClusters: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/cluster/list"
    static let action = "HpcClusterListClusterResponse"
    static let summary = "Lists clusters."
    static let isVendors = true
    static let access = CallAccess.everyKey
    static let parameters =
        [
            .zone,
            ParameterDescription("cluster_id", .clusterID, meaning: "Only this cluster."),
            ParameterDescription("cluster_type", .choice(types.map(\.key)), meaning: "Only clusters of this type."),
            ParameterDescription(
                "sort_key", .choice(sortKeys.map(\.key)), default: "create_time",
                meaning: "What the list is sorted by."),
        ] + .searchWord + .page

    static let answer = [AnswerMember].page(
        "cluster_set",
        of: .named(
            "Cluster",
            [
                AnswerMember("cluster_id", .clusterID, meaning: "The identifier of the cluster."),
                AnswerMember("cluster_name", .text, meaning: "The name of the cluster."),
                AnswerMember("cluster_type", .choice(types.map(\.key)), meaning: "The type of the cluster."),
                AnswerMember("create_time", .time, meaning: "When the cluster was created."),
                AnswerMember("description", .text, meaning: "A text about the cluster."),
                AnswerMember("nas_id", .null, meaning: "Roster keeps none."),
                AnswerMember("nas_mount_point", .text, meaning: "Where the shared file system is mounted."),
                AnswerMember("nas_path", .null, meaning: "Roster keeps none."),
                AnswerMember("nas_shared_path", .null, meaning: "Roster keeps none."),
            ]))

    private static let types: KeyValuePairs<String, Cluster.Kind> = ["hpc": .hpc, "ehpc": .ehpc]
    private static let sortKeys: KeyValuePairs<String, ClusterQuery.SortKey> = [
        "create_time": .createTime, "cluster_name": .name,
    ]

    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(request.request)
        var query = ClusterQuery(zone: try request.requiredZone())
        if let text = parameters["cluster_id"] { query.cluster = try ClusterID(text) }
        query.type = try parameters.choice("cluster_type", of: Self.types)
        query.searchWord = try parameters.searchWord()
        query.sortKey = try parameters.choice("sort_key", of: Self.sortKeys) ?? .createTime
        let page = try PageParameters(parameters)
        (query.isReversed, query.limit, query.offset) = (page.isReversed, page.limit, page.offset)
        let (totalCount, clusters) = try request.snapshot.clusters(query, scope: request.scope)
        json.key("total_count")
        json.number(totalCount)
        json.key("cluster_set")
        json.array { json in
            for cluster in clusters { cluster.write(to: &json) }
        }
    }
}

extension Cluster {
    /// The cluster as an element of the list. Members without a value in Roster are null.
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
