import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user lock`: locks a user.
    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lock a user: it cannot log in, and its keys stop.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await client.send(
                "/api/user/modifyUser", about: user.members, members: ["state": User.State.locked.rawValue])
        }
    }
}
