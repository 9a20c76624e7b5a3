import ArgumentParser
import RosterImport
import RosterLDAP
import RosterModel
import RosterStore

extension MapSubcommand {
    /// `roster map export`: prints the map entries of a cluster as LDIF.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the map entries of a cluster as LDIF.",
            discussion: """
                What it prints is taken back by roster map import.

                Example:
                  roster map export --data /var/lib/roster --cluster-id hpc-qig9xu97 > maps.ldif
                """)

        @OptionGroup var data: StoreOptions

        @Option(help: ArgumentHelp("The cluster.", valueName: "hpc-…"))
        var clusterID: String

        @Option(help: ArgumentHelp("The name of the base of the LDAP server.", valueName: "dn"))
        var ldapBase = DirectoryInformationTree.defaultBase

        func run() async throws {
            let cluster = try ClusterID(clusterID)
            let name = try DirectoryInformationTree(base: ldapBase).name(of: cluster)
            let basis = try await data.open(isMade: false).store.importBasis(for: [cluster], ids: [])
            guard !basis.clusters.isEmpty else { throw CommandError("there is no cluster \(cluster)") }
            for entry in basis.mapEntries.sorted(by: { $0.place.key < $1.place.key }) {
                try Output.raw(entry.ldif(below: name))
            }
        }
    }
}
