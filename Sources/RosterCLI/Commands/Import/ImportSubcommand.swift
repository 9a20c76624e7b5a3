import ArgumentParser
import RosterCredentials
import RosterImport
import RosterModel
import RosterStore

/// `roster import`: imports users and groups from CSV, LDIF or passwd files.
struct ImportSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import the users and groups that a site has, from CSV, LDIF or passwd lines.",
        discussion: """
            First a plan is made and printed; one conflict or fault refuses the whole file, and nothing is changed then.
            Importing again updates, and deletes nothing.

            Examples:
              roster import --data /var/lib/roster --zone zone1 users.csv
              slapcat | roster import --data /var/lib/roster --zone zone1 --cluster-id hpc-qig9xu97 --format ldif -
              getent passwd | roster import --data ./data --zone zone1 --cluster-id hpc-qig9xu97 --format passwd --dry-run
              roster import --data ./data --zone zone1 --cluster-id hpc-qig9xu97 --format passwd --group groups --shadow shadow users
              roster import --data /var/lib/roster --zone zone1 --only-new users.csv
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

    @Flag(help: "Import only what is not there: who is there is not touched, and joins no group.")
    var onlyNew = false

    @Flag(help: "Let users who have a password keep it, whatever the file says.")
    var keepPasswords = false

    @Flag(help: "Let the file make users with role boss, who see and do everything.")
    var allowBoss = false

    @Flag(help: "Take names, homes and shells that no rule would allow, with a line about each.")
    var acceptOdd = false

    @Option(help: "From passwd lines, skip uids below this (and 65534), and such gids that are no user's.")
    var minUID: UInt32 = 1000

    @Option(help: ArgumentHelp("Beside passwd lines, what getent group prints.", valueName: "file"))
    var group: String?

    @Option(help: ArgumentHelp("Beside passwd lines, what getent shadow prints.", valueName: "file"))
    var shadow: String?

    @Option(
        help: ArgumentHelp(
            "In CSV, what a column holds: --map 'E-Mail=mail'. May be repeated.", valueName: "column=attribute"))
    var map: [String] = []

    @Option(help: ArgumentHelp("In CSV, a column to pass over. May be repeated.", valueName: "column"))
    var ignoreColumn: [String] = []

    @Option(help: ArgumentHelp("In CSV, the character between several values in one cell.", valueName: "character"))
    var valueSeparator: String?

    @Option(help: "utf-8, utf-16, utf-16be, cp1252 or gb18030; guessed where not given.")
    var encoding: String?

    @Option(help: ArgumentHelp("How large the file may be; default 1024.", valueName: "MiB"))
    var maxMib = 1024

    @Flag(help: "Print every line of the plan, not only the first of each kind.")
    var verbose = false

    @Argument(help: ArgumentHelp("The file; - is standard input.", valueName: "file"))
    var file: String = "-"

    func run() async throws {
        try InputFile.requireSome(file, of: "users")
        guard (1...1 << 20).contains(maxMib) else { throw ValidationError("--max-mib is from 1 to 1048576.") }
        var options = ImportOptions(
            zone: try Zone(zone), cluster: try clusterID.map { try ClusterID($0) }, restores: restore,
            allowsBoss: allowBoss, acceptsOdd: acceptOdd)
        options.onlyNew = onlyNew
        options.keepsPasswords = keepPasswords
        let format = try chosenFormat()
        let companions = try companions(format)
        let bytes = try InputFile.text(of: file, encoding: encoding, maximum: maxMib << 20)
        let opened = try await data.open()
        let catalog = AttributeCatalog(try await opened.store.importBasis(for: [], ids: []).attributes)
        let csv = try csvOptions(format, catalog)
        let bar = ProgressBar("reading", total: bytes.count)
        let parsed = ImportReader.read(
            bytes, format: format, minimumUID: minUID, companions: companions, csv: csv, catalog: catalog,
            progress: bar.update)
        bar.finish()
        let run = ImportRun(
            name: InputFile.name(of: file), store: opened.store, hashing: CryptHasher(), isVerbose: verbose
        )
        try await run.perform(parsed, options: options, isDryRun: dryRun)
    }

    private func csvOptions(_ format: ImportFormat, _ catalog: AttributeCatalog) throws -> CSVOptions {
        guard valueSeparator.map({ $0.count == 1 }) ?? true else {
            throw CommandError("--value-separator must be one character")
        }
        var options = CSVOptions(valueSeparator: valueSeparator?.first)
        for text in map {
            // A column's name may contain "="; an attribute's cannot.
            guard let end = text.lastIndex(of: "="),
                let column = CSVColumn(name: text[text.index(after: end)...], in: catalog)
            else {
                throw CommandError(
                    "--map '\(text.sanitizedForDisplay())': must be COLUMN=ATTRIBUTE, with an attribute that Roster keeps (roster attribute declare makes one)"
                )
            }
            options.columns[String(text[..<end])] = column
        }
        for column in ignoreColumn { options.columns[column] = .ignored }
        guard format == .csv || options.columns.isEmpty && valueSeparator == nil else {
            throw CommandError("--map, --ignore-column and --value-separator are for CSV")
        }
        return options
    }

    private func companions(_ format: ImportFormat) throws -> [PasswdCompanion] {
        guard format == .passwd || group == nil && shadow == nil else {
            throw CommandError("--group and --shadow go with --format passwd")
        }
        var companions: [PasswdCompanion] = []
        if let group {
            companions.append(
                PasswdCompanion(.group, name: group, bytes: try InputFile.text(of: group, encoding: encoding)))
        }
        if let shadow {
            companions.append(
                PasswdCompanion(.shadow, name: shadow, bytes: try InputFile.text(of: shadow, encoding: encoding)))
        }
        return companions
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
