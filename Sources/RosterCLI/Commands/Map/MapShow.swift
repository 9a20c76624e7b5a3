import ArgumentParser
import RosterModel

extension MapSubcommand {
    /// `roster map show`: prints the attributes of one map entry.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one map entry, as lines of its attributes.",
            discussion: """
                Examples:
                  roster map show --zone zone1 --cluster-id hpc-qig9xu97 cn=ops,ou=sudoers
                  roster map show --zone zone1 --cluster-id hpc-qig9xu97 cn=nodes,ou=netgroup --json
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var target: MapOptions

        @Flag(help: "Print the answer as it came.")
        var json = false

        func run() async throws {
            let connection = try await client.open()
            let body = try await connection.get(
                path: "/api/map/describeEntry",
                parameters: [("cluster_id", try await target.cluster.id(connection)), ("place", target.place)])
            let response = try ResponseEnvelope.decode(Response.self, from: body)
            guard !json else { return try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
            try Output.line("place: \(response.entry.place)")
            try Output.line("kind: \(response.entry.kind)")
            for attribute in MapAttribute.allCases {
                for value in response.entry.attributes[attribute.name] ?? [] {
                    try Output.line("\(attribute.name): \(value)")
                }
            }
        }

        private struct Response: Decodable {
            let entry: Entry

            struct Entry: Decodable {
                let place: String
                let kind: String
                let attributes: [String: [String]]
            }
        }
    }
}
