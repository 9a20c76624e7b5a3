import ArgumentParser

/// `roster map …`: maintains sudo rules, automount maps and netgroups.
struct MapSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "Sudo rules, automount maps and netgroups of clusters.",
        discussion: """
            Map entries are served over LDAP below the entry of their cluster, at the place that they had in the directory that
            they came from. A place is a name without the base, such as cn=ops,ou=sudoers.

            Examples:
              slapcat | roster map import --data /var/lib/roster --zone zone1 --cluster-id hpc-qig9xu97 -
              roster map list --zone zone1 --cluster-id hpc-qig9xu97 --kind sudoRole
              roster map show --zone zone1 --cluster-id hpc-qig9xu97 cn=ops,ou=sudoers
            """,
        subcommands: [List.self, Show.self, Put.self, Remove.self, Import.self, Export.self])
}
