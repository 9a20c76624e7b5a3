import ArgumentParser

extension StoreSubcommand {
    /// `roster store migrate`: creates or upgrades the schema of a store.
    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make or upgrade the schema of a store, and stop.",
            discussion: """
                Every command does this by itself where it may. Where the servers' database role may not change the schema, run
                this as the role that owns it, before the servers are upgraded.

                Example:
                  roster store migrate --store postgres://roster_owner@db1,db2/roster --seal-key /etc/roster/seal.key
                """)

        @OptionGroup var data: StoreOptions

        func run() async throws {
            let opened = try await data.open(isMade: false)
            try Output.line("the schema is up to date: \(opened.commandLine)")
        }
    }
}
