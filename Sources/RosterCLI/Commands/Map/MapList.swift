import ArgumentParser

extension MapSubcommand {
    /// `roster map list`: lists the map entries of a cluster.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the map entries of a cluster.",
            discussion: """
                Examples:
                  roster map list --zone zone1 --cluster-id hpc-qig9xu97 --limit 100
                  roster map list --zone zone1 --cluster-id hpc-qig9xu97 --place ou=automount --kind automount --json
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions

        @OptionGroup var cluster: ClusterOption

        @Option(help: ArgumentHelp("Only entries of this object class.", valueName: "class"))
        var kind: String?

        @Option(help: ArgumentHelp("Only this entry and those below it.", valueName: "place"))
        var place: String?

        @Option(help: ArgumentHelp("Only places that hold this, whatever their case.", valueName: "word"))
        var searchWord: String?

        func run() async throws {
            try await list(
                Response.self, path: "/api/map", by: client, page: page,
                parameters: [
                    ("cluster_id", try await cluster.id(client.open())), ("kind", kind), ("place", place),
                    ("search_word", searchWord),
                ])
        }

        private struct Response: TableResponse {
            let totalCount: Int
            let rows: [ResponseRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "map_set"
            }

            static let columns = ["kind", "place", "update_time"]
        }
    }
}
