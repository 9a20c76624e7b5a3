import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/cluster/createCluster`: an addition to the vendor's API.
struct CreateCluster: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/cluster/createCluster"
    static let action = "HpcClusterCreateClusterResponse"
    static let summary = "Creates a cluster."
    static let access = CallAccess.globalAdministrator
    static let parameters =
        .clusterAttributes + [
            ParameterDescription(
                "cluster_id", .clusterID, meaning: "The identifier; the server makes one if it is absent.")
        ]

    static let answer = ClusterJob.answer

    let handler: ClusterCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> ClusterJob {
        let body = try CommandBody(request)
        let command = try ClusterCommand(id: try Self.id(request, body), body: body.json)
        let job = try await handler.create(command, zone: body.zone, by: request.actor)
        return ClusterJob(job: job, cluster: command.id)
    }

    func write(_ outcome: ClusterJob, to json: inout JSONWriter) {
        outcome.write(to: &json)
    }

    private static func id(_ request: AuthenticatedRequest, _ body: CommandBody) throws(RosterError) -> ClusterID {
        let type = try body.json.choice("cluster_type", Cluster.Kind.self)
        guard try body.json.optional("cluster_id") == nil, request.request["cluster_id"] == nil else {
            let id = try body.cluster()
            try id.check(type: type)
            return id
        }
        // The identifier derives from the digest of the request, so that a repeated request gets the same cluster.
        let alphabet = Array(ClusterKind.alphabet.utf8)
        let digest = request.actor.request?.digest ?? []
        let tail = digest.prefix(ClusterKind.madeLength).map { alphabet[Int($0) % alphabet.count] }
        return ClusterID(stored: "\((type ?? .hpc).rawValue)-\(String(decoding: tail, as: UTF8.self))")
    }
}
