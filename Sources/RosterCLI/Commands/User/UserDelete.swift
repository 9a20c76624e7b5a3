import ArgumentParser

extension UserSubcommand {
    /// `roster user delete`: deletes a user; its home stays.
    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a user; its home stays, and its uid is never given again.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await client.send("/api/user/deleteUser", about: user.members)
        }
    }
}
