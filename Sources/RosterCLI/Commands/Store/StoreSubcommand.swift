import ArgumentParser

struct StoreSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Copy, check and prepare stores.",
        subcommands: [Copy.self, Checksum.self, Migrate.self, MakeKey.self])
}
