import ArgumentParser

/// `roster cluster …`: lists, creates and modifies clusters.
struct ClusterSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "List clusters, make them, change them.",
        subcommands: [List.self, Create.self, Modify.self])
}
