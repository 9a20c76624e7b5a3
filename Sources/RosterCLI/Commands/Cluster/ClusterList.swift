import ArgumentParser

extension ClusterSubcommand {
    /// `roster cluster list`: lists the clusters that the key may see.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the clusters that the key may see.",
            discussion: "Example:\n  roster cluster list --zone zone1")

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions

        @Option(help: "hpc or ehpc.")
        var clusterType: String?

        @Option(help: ArgumentHelp("Only names or identifiers that hold this.", valueName: "word"))
        var searchWord: String?

        @Option(help: "create_time (default) or cluster_name.")
        var sortKey: String?

        func run() async throws {
            try await list(
                Response.self, path: "/api/cluster/list", by: client, page: page,
                parameters: [("cluster_type", clusterType), ("search_word", searchWord), ("sort_key", sortKey)])
        }

        private struct Response: TableResponse {
            let totalCount: Int
            let rows: [ResponseRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "cluster_set"
            }

            static let columns = ["cluster_id", "cluster_name", "cluster_type", "nas_mount_point", "create_time"]
        }
    }
}
