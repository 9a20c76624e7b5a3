import ArgumentParser

extension MapSubcommand {
    /// `roster map remove`: removes a map entry.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a map entry.",
            discussion: """
                Examples:
                  roster map remove --zone zone1 --cluster-id hpc-qig9xu97 cn=ops,ou=sudoers
                  roster map remove --zone zone1 --cluster-id hpc-qig9xu97 --subordinates ou=automount
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var target: MapOptions

        @Flag(help: "Remove the entries below it too.")
        var subordinates = false

        func run() async throws {
            try await client.send(
                "/api/map/removeEntry", in: target.cluster, about: target.members,
                members: subordinates ? ["subordinates": "1"] : [:])
        }
    }
}
