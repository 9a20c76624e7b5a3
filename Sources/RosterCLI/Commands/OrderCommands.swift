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

/// Sends one order and prints what came of it.
private func send(
    _ action: String, _ client: ClientOptions, _ user: UserOptions, _ members: [String: String?]
) async throws {
    let own: [String: String?] = ["cluster_id": user.clusterID, "username": user.username]
    let body = try await client.open().post(
        path: "/api/user/\(action)", members: members.merging(own) { _, own in own })
    let answer = try APIAnswer.decode(JobAnswer.self, from: body)
    try Output.line("done, job \(answer.job)")
}

/// The answer of an order.
struct JobAnswer: Decodable {
    let job: String

    private enum CodingKeys: String, CodingKey {
        case job = "job_id"
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
            var members = ["password": try Secret.read("Password of \(user.username)", twice: true)]
            members["mod"] = mod
            members["uid_number"] = uidNumber
            try await send("addUser", client, user, members)
        }
    }

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
            try await send("modifyUser", client, user, members)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a user; its home stays, and its uid is never given again.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await send("deleteUser", client, user, [:])
        }
    }

    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lock a user: it cannot log in, and its keys stop.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await send("modifyUser", client, user, ["state": User.State.locked.rawValue])
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Unlock a user.")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        func run() async throws {
            try await send("modifyUser", client, user, ["state": User.State.active.rawValue])
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
            try await send("modifyUser", client, user, ["expires": at == "never" ? String?.none : at])
        }
    }
}
