import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user expire`: sets when a user expires.
    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set when users expire: from then on they count as locked.",
            discussion: """
                A day means its last second, in the time zone of this machine or of --time-zone. 90d is in 90 days.

                Examples:
                  roster user expire --zone zone1 --cluster-id hpc-qig9xu97 --at 2027-06-30 zhangsan
                  roster user expire --zone zone1 --cluster-id hpc-qig9xu97 --at 90d --group course2026
                  roster user expire --zone zone1 --cluster-id hpc-qig9xu97 --at 2027-06-30T22:00:00Z zhangsan
                """
        )

        @OptionGroup var client: ClientOptions
        @OptionGroup var users: UserSelection
        @OptionGroup var expiry: ExpiryOptions

        @Option(help: ArgumentHelp("When: a day, a time, 90d, or never.", valueName: "time"))
        var at: String

        func run() async throws {
            let time = at == "never" ? nil : try expiry.expiry(at, flag: "--at", isSure: users.yes || users.dryRun)
            try await users.send(
                "set the expiry of", client, path: "/api/user/modifyUser",
                members: ["expires": time?.iso8601])
        }
    }
}
