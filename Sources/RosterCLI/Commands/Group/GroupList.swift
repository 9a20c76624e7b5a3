import ArgumentParser

extension GroupSubcommand {
    /// `roster group list`: lists the groups that the key may see, with their members.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the groups that the key may see, with their members.",
            discussion: """
                Who has a group as its primary group is in it without being listed.

                Examples:
                  roster group list --zone zone1
                  roster group list --zone zone1 --cluster-id hpc-qig9xu97 --sort-key gid_number --json
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions

        @Option(help: ArgumentHelp("Only this cluster's groups.", valueName: "hpc-…"), completion: .clusters)
        var clusterID: String?

        @Option(help: ArgumentHelp("Only names that hold this, whatever their case.", valueName: "word"))
        var searchWord: String?

        @Option(help: "group_name (default) or gid_number.")
        var sortKey: String?

        func run() async throws {
            try await list(
                Response.self, path: "/api/group", by: client, page: page,
                parameters: [("cluster_id", clusterID), ("search_word", searchWord), ("sort_key", sortKey)])
        }

        private struct Response: TableResponse {
            let totalCount: Int
            let rows: [ResponseRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "group_set"
            }

            static let columns = [
                "cluster_id", "group_name", "gid_number", "is_primary", "members", "member_groups", "member_names",
            ]
        }
    }
}
