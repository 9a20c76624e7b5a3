import ArgumentParser

extension UserSubcommand {
    /// `roster user expire`: sets when a user expires.
    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set when a user expires: from then on it counts as locked.",
            discussion:
                "Example:\n  roster user expire --zone zone1 --cluster-id hpc-qig9xu97 --at 2027-06-30T22:00:00Z zhangsan"
        )

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Option(help: ArgumentHelp("The moment, in UTC, or never.", valueName: "time"))
        var at: String

        func run() async throws {
            try await client.send(
                "/api/user/modifyUser", about: user.members, members: ["expires": at == "never" ? String?.none : at])
        }
    }
}
