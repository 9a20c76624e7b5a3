import ArgumentParser

extension UserSubcommand {
    /// `roster user groups`: lists the groups of one user.
    struct Groups: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the groups of a user, and how it comes to be in each.",
            discussion: """
                A group is the user's primary group, lists the user (direct), or has a group as a member that does
                (nested).

                Examples:
                  roster user groups --zone zone1 --cluster-id hpc-qig9xu97 zhang
                  roster user groups --zone zone1 --cluster-id hpc-qig9xu97 zhang --json
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Flag(help: "Print the answer as it came.")
        var json = false

        func run() async throws {
            let connection = try await client.open()
            let body = try await connection.get(
                path: "/api/group/listGroupsOfUser",
                parameters: [("cluster_id", try await user.cluster.id(connection)), ("username", user.username)])
            let response = try ResponseEnvelope.decode(Response.self, from: body)
            guard !json else { return try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
            var table = Table(Response.columns)
            for group in response.groups { table.add(group.cells(of: Response.columns)) }
            try Output.raw(table.text)
        }

        private struct Response: Decodable {
            let groups: [ResponseRow]

            static let columns = ["group_name", "gid_number", "membership", "through"]

            private enum CodingKeys: String, CodingKey {
                case groups = "group_set"
            }
        }
    }
}
