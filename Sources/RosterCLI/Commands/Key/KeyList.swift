import ArgumentParser
import RosterModel
import RosterStore

extension KeySubcommand {
    /// `roster key list`: lists the access keys without their secrets.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List access keys, never their secrets.")

        @OptionGroup var data: StoreOptions

        func run() async throws {
            let keys = try await data.open(isMade: false).store.accessKeys()
            var table = Table(["access_key_id", "kind", "for", "create_time", "state"])
            for key in keys {
                table.add([
                    key.id.text, key.principal.kind, key.principal.bound, key.createTime.iso8601,
                    key.revokeTime.map { "revoked \($0)" } ?? "active",
                ])
            }
            try Output.raw(table.text)
        }
    }
}
