import ArgumentParser

extension ClusterSubcommand {
    /// `roster cluster modify`: changes the settings that users added later get.
    struct Modify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is given to users that are added from now on.",
            discussion: "Example:\n  roster cluster modify --zone zone1 --uid-last 39999 hpc-qig9xu97")

        @OptionGroup var client: ClientOptions
        @OptionGroup var settings: ClusterSettingOptions

        @Argument(help: ArgumentHelp("The cluster.", valueName: "hpc-…"), completion: .clusters)
        var clusterID: String

        func run() async throws {
            var members = settings.members
            members["cluster_id"] = clusterID
            let body = try await client.open().post(path: "/api/cluster/modifyCluster", body: RequestBody(members))
            let response = try ResponseEnvelope.decode(ClusterResponse.self, from: body)
            try Output.line("changed \(response.cluster), job \(response.job)")
        }
    }
}
