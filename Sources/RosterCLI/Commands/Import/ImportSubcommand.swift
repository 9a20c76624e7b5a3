import ArgumentParser
import Glibc
import RosterCredentials
import RosterImport
import RosterModel

struct ImportSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import the users that a site has, from CSV, LDIF or passwd lines.",
        discussion: """
            First a plan is made and printed; one conflict or fault refuses the whole file, and nothing is changed then.
            Importing again updates, and deletes nothing.

            Examples:
              roster import --data /var/lib/roster --zone zone1 users.csv
              slapcat | roster import --data /var/lib/roster --zone zone1 --cluster-id hpc-qig9xu97 --format ldif -
              getent passwd | roster import --data ./data --zone zone1 --cluster-id hpc-qig9xu97 --format passwd --dry-run
            """)

    @OptionGroup var data: StoreOptions

    @Option(help: "The zone of the clusters in the file.")
    var zone: String

    @Option(help: ArgumentHelp("The cluster of users for which the file names none.", valueName: "hpc-…"))
    var clusterID: String?

    @Option(help: "csv, ldif or passwd; from the file's extension where not given.")
    var format: String?

    @Flag(help: "Print the plan and stop.")
    var dryRun = false

    @Flag(help: "Bring users back that were deleted in Roster.")
    var restore = false

    @Flag(help: "Let the file make users with role boss, who see and do everything.")
    var allowBoss = false

    @Option(help: "From passwd lines, skip uids below this (and 65534).")
    var minUID: UInt32 = 1000

    @Flag(help: "Print every line of the plan, not only the first of each kind.")
    var verbose = false

    @Argument(help: ArgumentHelp("The file; - is standard input.", valueName: "file"))
    var file: String = "-"

    func run() async throws {
        if file == "-", Output.isTerminal(STDIN_FILENO) {
            throw ValidationError("Name a file, or give the users on standard input.")
        }
        let options = ImportOptions(
            zone: try Zone(zone), cluster: try clusterID.map { try ClusterID($0) }, restores: restore,
            allowsBoss: allowBoss)
        let format = try chosenFormat()
        let bytes = try InputFile.read(file)
        let opened = try await data.open()
        let bar = ProgressBar("reading", total: bytes.count)
        let parsed = ImportReader.read(bytes, format: format, minimumUID: minUID, progress: bar.update)
        bar.finish()
        let run = ImportRun(
            name: file == "-" ? "standard input" : file, store: opened.store, hashing: CryptHasher(), isVerbose: verbose
        )
        try await run.perform(parsed, options: options, isDryRun: dryRun)
    }

    private func chosenFormat() throws -> ImportFormat {
        if let format {
            guard let chosen = ImportFormat(rawValue: format) else {
                throw CommandError("--format must be csv, ldif or passwd")
            }
            return chosen
        }
        guard let chosen = ImportFormat(fileName: file) else {
            throw CommandError(
                "the format does not show in the name '\(file)': say it with --format csv, ldif or passwd")
        }
        return chosen
    }
}
