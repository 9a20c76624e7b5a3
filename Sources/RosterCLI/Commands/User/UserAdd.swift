import ArgumentParser
import RosterModel

extension UserSubcommand {
    /// `roster user add`: adds one user or many to a cluster.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add users to a cluster.",
            discussion: """
                The password of one user is asked for, or read from standard input; it is never an argument. Many users get
                generated passwords, which are printed once, or none: who has none cannot log in. They are added in
                transactions of up to 1,000 users, with uids one after the other.

                Examples:
                  roster user add --zone zone1 --cluster-id hpc-qig9xu97 zhangsan
                  roster user add --zone zone1 --cluster-id hpc-qig9xu97 --wait zhangsan
                  printf '%s' "$PASSWORD" | roster user add --zone zone1 --cluster-id hpc-qig9xu97 --mod 750 zhangsan
                  roster user add --zone zone1 --cluster-id hpc-qig9xu97 --generate-password zhang li wang
                  roster user add --zone zone1 --cluster-id hpc-qig9xu97 --from names.txt --without-password
                """)

        @OptionGroup var client: ClientOptions

        @OptionGroup var cluster: ClusterOption

        @Argument(help: ArgumentHelp("The names of the new users.", valueName: "name"))
        var usernames: [String] = []

        @Option(help: ArgumentHelp("A file with a name in each line; - is standard input.", valueName: "file"))
        var from: String?

        @Flag(help: "Make passwords, and print them once.")
        var generatePassword = false

        @Flag(help: "Add them without passwords: they cannot log in until they get one.")
        var withoutPassword = false

        @Option(
            help: ArgumentHelp(
                "When they expire: a day, whose last second is meant, a time, or 90d.", valueName: "time"))
        var expires: String?

        @OptionGroup var expiry: ExpiryOptions

        @Flag(help: "Do not ask about an expiry in the past.")
        var yes = false

        @Option(help: "The permission mode of their homes, such as 700.")
        var mod: String?

        @Option(help: "A uid that was never given in the cluster; the next one where not said.")
        var uidNumber: String?

        @Flag(help: "Wait until the homes are made, and fail if one is not.")
        var wait = false

        /// How long a generated password is.
        private static let passwordLength = 14
        /// The most users of one call.
        private static let batchSize = 1000

        func validate() throws {
            guard usernames.isEmpty != (from == nil) else { throw ValidationError("Name users, or give --from.") }
            guard !(generatePassword && withoutPassword) else {
                throw ValidationError("Give either --generate-password or --without-password.")
            }
            guard uidNumber == nil || usernames.count == 1 else {
                throw ValidationError("--uid-number is for one user.")
            }
        }

        func run() async throws {
            let expires = try expires.map { try expiry.expiry($0, flag: "--expires", isSure: yes).iso8601 }
            let names = try from.map { try InputFile.names(in: $0) } ?? usernames
            guard names.count > 1 || generatePassword || withoutPassword || expires != nil else {
                return try await addOne(names[0])
            }
            guard generatePassword || withoutPassword || names.count == 1 else {
                throw CommandError("many users need --generate-password or --without-password")
            }
            let connection = try await client.open()
            let clusterID = try await cluster.id(connection)
            var jobs: [String] = []
            for start in stride(from: 0, to: names.count, by: Self.batchSize) {
                let part = names[start..<min(start + Self.batchSize, names.count)]
                var passwords: [String: String] = [:]
                if generatePassword {
                    // Every rule takes such a password.
                    for name in part { passwords[name] = PasswordRule.vendor.makePassword(length: Self.passwordLength) }
                } else if !withoutPassword, let name = part.first {
                    passwords[name] = try Secret.read("Password of \(name)", twice: true)
                }
                var body = RequestBody(["cluster_id": clusterID])
                body.objects["users"] = part.map { name in
                    var user = RequestBody(["username": name])
                    let further = [
                        "password": passwords[name], "mod": mod, "uid_number": uidNumber, "expires": expires,
                    ]
                    for case (let member, let text?) in further { user.members[member] = .some(text) }
                    return user
                }
                let response = try await connection.post(path: "/api/user/addUsers", body: body)
                let batch = try ResponseEnvelope.decode(BatchResponse.self, from: response)
                var table = Table(["username", "uid_number", "job"] + (generatePassword ? ["password"] : []))
                for outcome in batch.outcomes {
                    table.add(
                        [outcome.username, outcome.uidNumber ?? "-", outcome.job]
                            + (generatePassword ? [passwords[outcome.username] ?? "-"] : []))
                }
                try Output.raw(table.text)
                jobs += batch.outcomes.filter { $0.code == 0 }.map(\.job)
            }
            if generatePassword { Output.printDiagnostic("Keep the passwords now: they are not shown again.") }
            if wait { _ = try await connection.ends(of: jobs) }
        }

        private func addOne(_ name: String) async throws {
            var members = ["password": try Secret.read("Password of \(name)", twice: true)]
            members["mod"] = mod
            members["uid_number"] = uidNumber
            try await client.send(
                "/api/user/addUser", in: cluster, about: ["username": name], members: members, waits: wait)
        }
    }
}
