import ArgumentParser

extension UserSubcommand {
    /// `roster user expire`: sets when a user expires.
    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set when users expire: from then on they count as locked.",
            discussion: """
                Examples:
                  roster user expire --zone zone1 --cluster-id hpc-qig9xu97 --at 2027-06-30T22:00:00Z zhangsan
                  roster user expire --zone zone1 --cluster-id hpc-qig9xu97 --at 2027-06-30T22:00:00Z --group course2026
                """
        )

        @OptionGroup var client: ClientOptions
        @OptionGroup var users: UserSelection

        @Option(help: ArgumentHelp("The moment, in UTC, or never.", valueName: "time"))
        var at: String

        func run() async throws {
            try await users.send(
                "set the expiry of", client, path: "/api/user/modifyUser",
                members: ["expires": at == "never" ? String?.none : at])
        }
    }
}
