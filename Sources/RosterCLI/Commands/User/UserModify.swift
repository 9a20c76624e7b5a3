import ArgumentParser

extension UserSubcommand {
    struct Modify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a user's password.",
            discussion: """
                The password is asked for, or read from standard input. A member sets its own with --own, and gives the
                present one first.

                Example:
                  roster user modify --zone zone1 --cluster-id hpc-qig9xu97 zhangsan
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Flag(help: "Prove the present password first, as a member must.")
        var own = false

        func run() async throws {
            var members: [String: String] = [:]
            if own { members["password"] = try Secret.read("Present password of \(user.username)", twice: false) }
            members["new_password"] = try Secret.read("New password of \(user.username)", twice: true)
            try await client.send("/api/user/modifyUser", about: user.members, members: members)
        }
    }
}
