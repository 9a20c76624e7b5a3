import ArgumentParser

extension GroupSubcommand {
    /// `roster group delete`: deletes a group.
    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a group; its members stay, and its gid is never given again.",
            discussion: "Example:\n  roster group delete --zone zone1 --cluster-id hpc-qig9xu97 physics")

        @OptionGroup var client: ClientOptions
        @OptionGroup var group: GroupOptions

        func run() async throws {
            try await client.send("/api/group/deleteGroup", in: group.cluster, about: group.members)
        }
    }
}
