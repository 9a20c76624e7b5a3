import ArgumentParser
import RosterCredentials
import RosterImport
import RosterModel
import RosterStore

extension MapSubcommand {
    /// `roster map import`: imports map entries from LDIF.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import sudo rules, automount maps and netgroups from LDIF.",
            discussion: """
                Users and groups of the file are passed over; roster import takes them, and map entries too. First a plan is made and
                printed. Importing again updates, and deletes nothing.

                Examples:
                  slapcat | roster map import --data /var/lib/roster --zone zone1 --cluster-id hpc-qig9xu97 -
                  roster map import --data ./data --zone zone1 --cluster-id hpc-qig9xu97 --base ou=hpc,dc=example,dc=org maps.ldif
                """)

        @OptionGroup var data: StoreOptions

        @Option(help: "The zone of the cluster.")
        var zone: String

        @Option(help: ArgumentHelp("The cluster of entries for which the file names none.", valueName: "hpc-…"))
        var clusterID: String?

        @Option(
            help: ArgumentHelp("The name below which they stand; what names the site where not given.", valueName: "dn")
        )
        var base: String?

        @Option(help: "utf-8, utf-16, utf-16be, cp1252 or gb18030; guessed where not given.")
        var encoding: String?

        @Flag(help: "Print the plan and stop.")
        var dryRun = false

        @Flag(help: "Print every line of the plan, not only the first of each kind.")
        var verbose = false

        @Argument(help: ArgumentHelp("The file; - is standard input.", valueName: "file"))
        var file: String = "-"

        func run() async throws {
            try InputFile.requireSome(file, of: "entries")
            var options = ImportOptions(zone: try Zone(zone), cluster: try clusterID.map { try ClusterID($0) })
            if let base {
                guard let name = DistinguishedName(Array(base.utf8)[...]) else {
                    throw CommandError("--base is no distinguished name (RFC 4514)")
                }
                options.mapBase = name
            }
            let bytes = try InputFile.text(of: file, encoding: encoding)
            let opened = try await data.open()
            let bar = ProgressBar("reading", total: bytes.count)
            let parsed = ImportReader.readMaps(bytes, progress: bar.update)
            bar.finish()
            let name = InputFile.name(of: file)
            guard !parsed.mapEntries.isEmpty || !parsed.faults.isEmpty else {
                throw CommandError("\(name): no map entry in the file, nothing was changed")
            }
            let run = ImportRun(name: name, store: opened.store, hashing: CryptHasher(), isVerbose: verbose)
            try await run.perform(parsed, options: options, isDryRun: dryRun)
        }
    }
}
