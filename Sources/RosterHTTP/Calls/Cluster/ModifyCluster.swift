import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/cluster/modifyCluster`: an addition to the vendor's API.
struct ModifyCluster: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/cluster/modifyCluster"
    static let action = "HpcClusterModifyClusterResponse"
    static let summary = "Changes the settings of a cluster."
    static let access = CallAccess.globalAdministrator
    static let parameters =
        .clusterAttributes + [
            ParameterDescription(
                "cluster_id", .clusterID, isRequired: true, example: "hpc-qig9xu97",
                meaning: "The cluster; it may stand in the query too.")
        ]

    static let answer = ClusterJob.answer

    let handler: ClusterCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> ClusterJob {
        let body = try CommandBody(request)
        let type = try body.json.choice("cluster_type", Cluster.Kind.self)
        let id = try body.cluster()
        try id.check(type: type)
        let command = try ClusterCommand(id: id, body: body.json)
        let job = try await handler.modify(command, zone: body.zone, by: request.actor)
        return ClusterJob(job: job, cluster: id)
    }

    func write(_ outcome: ClusterJob, to json: inout JSONWriter) {
        outcome.write(to: &json)
    }
}
