import ArgumentParser

/// The options of every command about one map entry.
struct MapOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The entry's cluster.", valueName: "hpc-…"))
    var clusterID: String

    @Argument(help: ArgumentHelp("The entry's name below the cluster's base.", valueName: "place"))
    var place: String

    /// Sends a command about the entry.
    func send(
        _ action: String, _ client: ClientOptions, _ members: [String: String], lists: [String: [String]] = [:]
    ) async throws {
        try await client.send(
            "/api/map/\(action)", about: ["cluster_id": clusterID, "place": place], members: members, lists: lists)
    }
}
