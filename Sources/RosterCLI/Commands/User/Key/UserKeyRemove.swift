import ArgumentParser
import RosterCredentials
import RosterModel

extension UserSubcommand.Key {
    /// `roster user key remove`: removes SSH keys of a user.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove SSH keys of a user.",
            discussion: """
                Examples:
                  roster user key remove --zone zone1 --cluster-id hpc-qig9xu97 zhang SHA256:Wq0…
                  roster user key remove --zone zone1 --cluster-id hpc-qig9xu97 zhang zhang@laptop
                  roster user key remove --zone zone1 --cluster-id hpc-qig9xu97 --all zhang
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var user: UserOptions

        @Flag(help: "Remove all keys.")
        var all = false

        @Flag(help: "Prove the present password first, as a member must.")
        var own = false

        @Argument(help: "The fingerprint of a key, or its comment.")
        var key: String?

        func validate() throws {
            guard all != (key != nil) else { throw ValidationError("Name a key, or give --all.") }
        }

        func run() async throws {
            let keys = try await user.keys(client)
            let found = keys.filter { all || $0.fingerprint == key || $0.comment == key }
            guard !found.isEmpty else {
                throw CommandError("\(user.username) has no such key; roster user key list shows them")
            }
            guard all || found.count == 1 else {
                throw CommandError(
                    "\(found.count) keys have this comment: name one by its fingerprint, "
                        + found.map(\.fingerprint).joined(separator: " or "))
            }
            try await user.sendKeys("delete_attributes", found.map(\.line), isOwn: own, by: client)
        }
    }
}
