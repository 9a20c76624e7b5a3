import ArgumentParser

/// `roster operation …`: reads and verifies the operation log.
struct OperationSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operation", abstract: "Look at the operation log.",
        subcommands: [List.self, Export.self, Verify.self, ChainKey.self])
}
