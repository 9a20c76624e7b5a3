import ArgumentParser

/// `roster ldap …`: what a node's administrator needs.
struct LDAPSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ldap", abstract: "Set nodes up.", subcommands: [Config.self])
}
