import ArgumentParser
import RosterCredentials
import RosterModel

extension UserSubcommand.Key {
    /// `roster user key list`: lists the SSH keys of a user.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the SSH keys of a user.",
            discussion: "Example:\n  roster user key list --zone zone1 --cluster-id hpc-qig9xu97 zhang")

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Flag(help: "Print the keys themselves, as authorized_keys has them.")
        var lines = false

        func run() async throws {
            let keys = try await user.keys(client)
            if lines {
                for key in keys { try Output.line(key.line) }
                return
            }
            var table = Table(["fingerprint", "type", "expires", "comment"])
            for key in keys {
                table.add([
                    key.fingerprint, key.type, key.expires.map(\.iso8601) ?? "-",
                    key.comment.isEmpty ? "-" : key.comment,
                ])
            }
            try Output.raw(table.text)
        }
    }
}
