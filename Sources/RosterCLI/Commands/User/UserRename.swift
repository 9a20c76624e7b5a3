import ArgumentParser

extension UserSubcommand {
    /// `roster user rename`: renames a user.
    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user another name; its uid, its groups and its home stay.",
            discussion: """
                No folder is moved or renamed. Name the new home with user modify --home-directory once you have moved it.

                Example:
                  roster user rename --zone zone1 --cluster-id hpc-qig9xu97 zhang zhangsan
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Argument(help: "The new name.")
        var newName: String

        func run() async throws {
            try await client.send(
                "/api/user/modifyUser", in: user.cluster, about: user.members, members: ["new_username": newName])
        }
    }
}
