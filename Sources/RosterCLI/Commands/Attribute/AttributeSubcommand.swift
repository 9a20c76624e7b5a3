import ArgumentParser

/// `roster attribute …`: the attributes of users that the site declares.
struct AttributeSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attribute", abstract: "Attributes of users that the site declares.",
        discussion: """
            A declared attribute comes in by import and by roster user modify --set, and goes out by roster user show, exports
            and LDAP, where entries that have it are of the class rosterSiteUser.

            Examples:
              roster attribute declare --zone zone1 projectCode --syntax text --multiple --searchable
              roster attribute declare --data /var/lib/roster costCentre --syntax integer
              roster attribute list --zone zone1
              roster attribute remove --zone zone1 costCentre
            """,
        subcommands: [List.self, Declare.self, Remove.self])
}
