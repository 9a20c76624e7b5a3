import ArgumentParser
import RosterDirectory
import RosterModel
import RosterServing
import RosterStore

/// The options of every order about one user.
struct UserOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The user's cluster.", valueName: "hpc-…"))
    var clusterID: String

    @Argument(help: ArgumentHelp("The user's name.", valueName: "name"))
    var username: String
}

extension UserOptions {
    /// Sends a command about the user and prints what came of it.
    func send(_ action: String, _ body: RequestBody = RequestBody(), by client: ClientOptions) async throws {
        var body = body
        body.members["cluster_id"] = clusterID
        body.members["username"] = username
        try await client.perform("/api/user/\(action)", body)
    }
}

extension UserSubcommand {
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
            var members: [String: String?] = ["password": try Secret.read("Password of \(user.username)", twice: true)]
            if let mod { members["mod"] = mod }
            if let uidNumber { members["uid_number"] = uidNumber }
            try await user.send("addUser", RequestBody(members), by: client)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a user; its home stays, and its uid is never given again.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await user.send("deleteUser", by: client)
        }
    }

    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lock a user: it cannot log in, and its keys stop.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await user.send("modifyUser", RequestBody(["state": User.State.locked.rawValue]), by: client)
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Unlock a user.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await user.send("modifyUser", RequestBody(["state": User.State.active.rawValue]), by: client)
        }
    }

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
            try await user.send("modifyUser", RequestBody(["expires": at == "never" ? String?.none : at]), by: client)
        }
    }
}
