import ArgumentParser

/// `roster ldap …`: helps an administrator set up nodes.
struct LDAPSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ldap", abstract: "Set nodes up.", subcommands: [Config.self])
}
