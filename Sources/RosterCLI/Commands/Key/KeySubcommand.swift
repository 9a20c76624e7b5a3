import ArgumentParser

/// `roster key …`: creates, lists and revokes access keys in the store itself.
struct KeySubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, list and revoke access keys, on the store itself.",
        discussion: "A running server on the same store takes changes over within a second.",
        subcommands: [Create.self, List.self, Revoke.self])
}
