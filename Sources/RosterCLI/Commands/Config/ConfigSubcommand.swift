import ArgumentParser

/// `roster config`: shows and checks settings.
struct ConfigSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show and check settings.", subcommands: [Show.self, Check.self])
}
