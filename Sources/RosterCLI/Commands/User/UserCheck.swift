import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user check`: says what stops a user from logging in.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say why a user cannot log in.",
            discussion: """
                Prints the first thing that stops the user, and what to do about it. With --password-stdin the password is
                checked too: it is asked for, or read from a line of standard input. A wrong one counts as a failed login.
                The last logins that the server still knows follow, at most ten, the last one first.

                Exit status: 0 nothing stops the user here, 1 the server cannot be asked or refuses, 10 unknown, 11 locked,
                12 expired, 13 no_password, 14 hash_not_verified, 15 password_wrong, 16 throttled, 17 no_home,
                18 home_of_another, 19 home_unreachable, 20 key_withheld, 21 a reason that this version does not know.

                Examples:
                  roster user check --zone zone1 --cluster-id hpc-qig9xu97 zhang
                  roster user check --zone zone1 --cluster-id hpc-qig9xu97 --password-stdin zhang
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Flag(help: "Check the password too, from the terminal or standard input.")
        var passwordStdin = false

        @Flag(help: "Print the answer as it came.")
        var json = false

        /// The exit statuses of the reasons, which scripts rely on: they are never renumbered.
        private static let statuses: [String: Int32] = [
            "unknown": 10, "locked": 11, "expired": 12, "no_password": 13, "hash_not_verified": 14,
            "password_wrong": 15, "throttled": 16, "no_home": 17, "home_of_another": 18, "home_unreachable": 19,
            "key_withheld": 20,
        ]

        func run() async throws {
            let connection = try await client.open()
            var body = RequestBody(user.members)
            body.members["cluster_id"] = try await user.cluster.id(connection)
            if passwordStdin {
                body.members["password"] = try Secret.read("Password of \(user.username)", twice: false)
            }
            let answer = try await connection.post(path: "/api/user/checkUser", body: body)
            let response = try ResponseEnvelope.decode(Response.self, from: answer)
            if json {
                try Output.raw(String(decoding: answer, as: UTF8.self) + "\n")
            } else {
                try Output.line(response.explanation)
                if !response.lastTries.isEmpty {
                    var table = Table(Response.columns)
                    for one in response.lastTries { table.add(one.cells(of: Response.columns)) }
                    try Output.raw(table.text)
                }
            }
            guard let reason = response.reason else { return }
            throw ExitCode(Self.statuses[reason] ?? 21)
        }
    }
}

private struct Response: Decodable {
    let explanation: String
    let reason: String?
    let lastTries: [ResponseRow]

    static let columns = ["time", "over", "client", "reason"]

    private enum CodingKeys: String, CodingKey {
        case explanation, reason
        case lastTries = "last_tries"
    }
}
