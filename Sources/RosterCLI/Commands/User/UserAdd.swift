import ArgumentParser

extension UserSubcommand {
    /// `roster user add`: adds a user to a cluster.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a user to a cluster.",
            discussion: """
                The password is asked for, or read from standard input; it is never an argument.

                Examples:
                  roster user add --zone zone1 --cluster-id hpc-qig9xu97 zhangsan
                  printf '%s' "$PASSWORD" | roster user add --zone zone1 --cluster-id hpc-qig9xu97 --mod 750 zhangsan
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Option(help: "The permission mode of the home, such as 700.")
        var mod: String?

        @Option(help: "A uid that was never given in the cluster; the next one where not said.")
        var uidNumber: String?

        func run() async throws {
            var members = ["password": try Secret.read("Password of \(user.username)", twice: true)]
            members["mod"] = mod
            members["uid_number"] = uidNumber
            try await client.send("/api/user/addUser", about: user.members, members: members)
        }
    }
}
