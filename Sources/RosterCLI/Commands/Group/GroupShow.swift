import ArgumentParser

extension GroupSubcommand {
    /// `roster group show`: prints everything about one group.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a group with its members.",
            discussion: """
                Who has a group as its primary group is in it without being listed: primary_count says how many.

                Examples:
                  roster group show --zone zone1 --cluster-id hpc-qig9xu97 physics
                  roster group show --zone zone1 --cluster-id hpc-qig9xu97 physics --json
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var group: GroupOptions

        @Flag(help: "Print the answer as it came.")
        var json = false

        func run() async throws {
            let connection = try await client.open()
            let body = try await connection.get(
                path: "/api/group/describeGroup",
                parameters: [("cluster_id", try await group.cluster.id(connection)), ("group_name", group.groupName)])
            let response = try ResponseEnvelope.decode(Response.self, from: body)
            guard !json else { return try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
            try response.group.printMembers()
        }

        private struct Response: Decodable {
            let group: ResponseRow
        }
    }
}
