import ArgumentParser
import RosterModel

/// The cluster of a command about something in one cluster.
struct ClusterOption: ParsableArguments {
    @Option(
        name: .customLong("cluster-id"),
        help: ArgumentHelp(
            "The cluster; default: cluster_id of the settings, or the only cluster of the zone.", valueName: "hpc-…"),
        completion: .clusters)
    var given: String?

    /// The cluster that is given, that of the settings, or the only one that the key sees in the zone.
    /// - Throws: `CommandError` if the zone has none or several, or the server cannot be asked.
    func id(_ client: APIClient) async throws -> String {
        if let cluster = given ?? client.defaultCluster { return cluster }
        let body = try await client.get(path: "/api/cluster/list", parameters: [("limit", "1")])
        let response = try ResponseEnvelope.decode(Response.self, from: body)
        let zone = client.zone.sanitizedForDisplay()
        guard let first = response.clusters.first?["cluster_id"] else {
            throw CommandError("the key sees no cluster in \(zone)")
        }
        guard response.totalCount == 1 else {
            throw CommandError(
                "\(zone) has \(response.totalCount) clusters: use --cluster-id, or ROSTER_CLUSTER_ID in the environment, or "
                    + "cluster_id in ~/.config/roster/config.yaml")
        }
        return first
    }

    private struct Response: Decodable {
        let totalCount: Int
        let clusters: [ResponseRow]

        private enum CodingKeys: String, CodingKey {
            case totalCount = "total_count"
            case clusters = "cluster_set"
        }
    }
}
