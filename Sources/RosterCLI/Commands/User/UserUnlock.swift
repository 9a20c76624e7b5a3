import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user unlock`: unlocks a user.
    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Unlock a user.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await client.send(
                "/api/user/modifyUser", about: user.members, members: ["state": User.State.active.rawValue])
        }
    }
}
