import ArgumentParser

extension MapSubcommand {
    /// `roster map put`: creates a map entry, or replaces the one at the same place.
    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a map entry, or replace the one at the same place.",
            discussion: """
                Of an entry that is replaced nothing is left: name every value.

                Examples:
                  roster map put --zone zone1 --cluster-id hpc-qig9xu97 --kind organizationalUnit ou=sudoers
                  roster map put --zone zone1 --cluster-id hpc-qig9xu97 --kind sudoRole cn=ops,ou=sudoers \
                    'sudoUser: %wheel' 'sudoHost: ALL' 'sudoCommand: ALL'
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var target: MapOptions

        @Option(help: ArgumentHelp("The object class of the entry.", valueName: "class"))
        var kind: String

        @Argument(help: ArgumentHelp("The values, each with the name of its attribute.", valueName: "name: value"))
        var attributes: [String] = []

        func run() async throws {
            try await client.send(
                "/api/map/putEntry", in: target.cluster, about: target.members, members: ["kind": kind],
                lists: ["attributes": attributes])
        }
    }
}
