import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user lock`: locks a user.
    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lock users: they cannot log in, and their keys stop.",
            discussion: """
                Many users are locked in one transaction: all of them, or none unless --skip-refused is given.

                Examples:
                  roster user lock --zone zone1 --cluster-id hpc-qig9xu97 zhangsan lisi
                  roster user lock --zone zone1 --cluster-id hpc-qig9xu97 --group course2026 --dry-run
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var users: UserSelection

        func run() async throws {
            try await users.send(
                "lock", client, path: "/api/user/modifyUser", members: ["state": User.State.locked.rawValue])
        }
    }
}
