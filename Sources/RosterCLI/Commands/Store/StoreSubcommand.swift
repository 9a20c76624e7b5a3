import ArgumentParser

/// `roster store …`: copies, checks and prepares stores.
struct StoreSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Copy, check and prepare stores.",
        subcommands: [Copy.self, Checksum.self, Check.self, Migrate.self, MakeKey.self])
}
