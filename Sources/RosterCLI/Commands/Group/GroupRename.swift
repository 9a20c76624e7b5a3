import ArgumentParser

extension GroupSubcommand {
    /// `roster group rename`: renames a group.
    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a group another name; its gid and its members stay.",
            discussion: """
                A cluster's own group may be renamed too. Rules of sudo and files on nodes that name the group are not
                changed.

                Example:
                  roster group rename --zone zone1 --cluster-id hpc-qig9xu97 physics optics
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var group: GroupOptions

        @Argument(help: "The new name.")
        var newName: String

        func run() async throws {
            try await client.send(
                "/api/group/modifyGroup", in: group.cluster, about: group.members,
                members: ["new_group_name": newName])
        }
    }
}
