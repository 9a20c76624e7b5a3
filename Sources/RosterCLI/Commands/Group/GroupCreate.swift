import ArgumentParser

extension GroupSubcommand {
    /// `roster group create`: creates a group without members.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a group; it has no members yet.",
            discussion: """
                Examples:
                  roster group create --zone zone1 --cluster-id hpc-qig9xu97 physics
                  roster group create --zone zone1 --cluster-id hpc-qig9xu97 --gid-number 12000 chemistry
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var group: GroupOptions

        @Option(help: "A gid that was never given in the cluster; the next one where not said.")
        var gidNumber: String?

        func run() async throws {
            try await client.send(
                "/api/group/createGroup", in: group.cluster, about: group.members,
                members: gidNumber.map { ["gid_number": $0] } ?? [:])
        }
    }
}
