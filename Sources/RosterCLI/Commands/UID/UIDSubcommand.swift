import ArgumentParser

/// `roster uid …`: queries the ledger.
struct UIDSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uid", abstract: "Ask the ledger of numbers.", subcommands: [History.self])
}
