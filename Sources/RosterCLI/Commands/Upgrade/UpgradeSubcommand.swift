import ArgumentParser
import Foundation
import RosterCredentials
import RosterModel
import RosterSQLite
import RosterStore

/// `roster upgrade`: what an upgrade to this version meets.
struct UpgradeSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Tell what of a store and its settings does not fit this version.",
        subcommands: [Check.self])

    /// `roster upgrade check`: reads settings and store with this version, and changes neither.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell which settings and records do not fit this version, and change nothing.",
            discussion: """
                Run it by the program of the new version before that is installed. A data folder may be in use: its store is
                copied to a temporary folder (TMPDIR), brought up to this version there, and read as a whole. Of a PostgreSQL
                the schema, the rights of the role, the records and the operation log are read. A line tells each thing that
                does not fit.

                Exit codes: 0 if everything fits, 3 if something does not, 1 if it could not be looked at.

                Examples:
                  ./roster upgrade check --data /var/lib/roster --config /etc/roster/config.yaml
                  ./roster upgrade check --store postgres://roster@db1,db2/roster --seal-key /etc/roster/seal.key
                """)

        @OptionGroup var data: StoreOptions

        @Option(help: ArgumentHelp("The file with the server's settings.", valueName: "file"), completion: .file())
        var config: String?

        func validate() throws {
            if !data.isGiven, config == nil, StoreOptions.environment("store") == nil {
                throw ValidationError("Name what to check: --data, --store, --config.")
            }
        }

        func run() async throws {
            var findings = UpgradeFindings()
            if let config { try await findings.checkSettings(config) }
            let hasStore = data.isGiven || StoreOptions.environment("store") != nil
            if hasStore {
                switch try data.source(StoreOptions.environment) {
                case .folder(let path): try await findings.checkFolder(path)
                case .postgres(let source): try await findings.checkDatabase(source)
                }
            }
            switch findings.count {
            case 0: try Output.line("everything fits version \(BuildVersion().version)")
            case let count:
                Output.printDiagnostic(
                    "Error: \(count == 1 ? "one thing does" : "\(count) things do") not fit version "
                        + BuildVersion().version)
                throw ExitCode(3)
            }
        }
    }
}

/// What does not fit this version, told line by line as it is found.
struct UpgradeFindings {
    /// How many there are.
    private(set) var count = 0

    private mutating func tell(_ line: String) throws {
        count += 1
        try Output.line(line)
    }

    /// Checks the settings of a server in a file, and in the environment.
    /// - Throws: `CommandError` if the file cannot be read.
    mutating func checkSettings(_ path: String) async throws {
        let file = try await SettingsFile(path)
        for fault in file.faults { try tell("settings: \(file.describe(fault))") }
        guard file.faults.isEmpty else { return }
        do {
            try await Settings(flags: [:], file: path).check(.server)
        } catch {
            try tell("settings: \(error)")
        }
    }

    /// Brings a copy of the store up to this version, and reads all of it.
    /// - Throws: `CommandError` if the folder has no store, or the copy cannot be made.
    mutating func checkFolder(_ path: String) async throws {
        let database = path + "/roster.db"
        guard FileManager.default.fileExists(atPath: database) else {
            throw CommandError("there is no store in \(path)")
        }
        let key: SealKey
        do {
            key = try SealKeyFile.open(at: path + "/seal.key")
        } catch {
            throw CommandError("\(error)")
        }
        let folder = FileManager.default.temporaryDirectory.path + "/roster-upgrade-\(UUID().uuidString)"
        guard mkdir(folder, 0o700) == 0 else { throw CommandError("cannot make \(folder): \(systemError())") }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let copy = folder + "/roster.db"
        let state: SchemaState
        let bar = ProgressBar("copying", total: 1000)
        do throws(StoreError) {
            state = try SQLiteStore.copyUnopened(database, to: copy) { bar.update(Int($0 * 1000)) }
        } catch {
            throw CommandError("cannot copy \(database) to \(folder): \(error)")
        }
        bar.finish()
        guard try tellSchema(state, bringsUp: "the first start of this version brings it up") else { return }
        do {
            let store = try SQLiteStore(path: copy, sealing: key)
            for damage in try await store.damages() { try tell("records: \(damage)") }
            if count == 0 { try await checkRecords(of: store, key: key) }
        } catch let error as SQLiteStore.OpenError {
            try tell("store: \(error.description.replacing(copy, with: database))")
        }
    }

    /// Reads a database. One of an earlier schema is read as far as this version can read it.
    /// - Throws: `CommandError` if the database cannot be reached.
    mutating func checkDatabase(_ source: PostgresSource) async throws {
        let (state, faults) = try await source.inspect()
        for fault in faults { try tell("store: \(fault)") }
        let owner = state.owner.map { " as the role \($0)" } ?? ""
        let isReadable = try tellSchema(state, bringsUp: "run roster store migrate\(owner) first")
        guard isReadable, faults.isEmpty, state.step > 0 else { return }
        guard state.step == state.newest else {
            return try Output.line("records: not read, which takes the schema of this version; try a restored backup")
        }
        let opened = try await source.open()
        try await checkRecords(of: opened.store, key: opened.sealKey)
    }

    /// - Returns: whether this version can read it, now or when it was brought up.
    private mutating func tellSchema(_ state: SchemaState, bringsUp how: String) throws -> Bool {
        if state.isNewer {
            try tell(
                "schema: made by a newer version of roster (step \(state.step), this version knows \(state.newest))")
            return false
        }
        if state.step < state.newest {
            try Output.line("schema: step \(state.step), this version has \(state.newest): \(how)")
        }
        return true
    }

    private mutating func checkRecords(of store: some DirectoryStore, key: SealKey) async throws {
        do throws(StoreError) {
            let bar = ProgressBar("reading", total: 0)
            _ = try await store.load { bar.update($0) }
            bar.finish()
        } catch {
            try tell("records: \(error)")
        }
        let walked: Result<ChainHead, ChainWalk.ChainError>
        do throws(StoreError) {
            walked = try await store.walkLog(chaining: key, expecting: nil)
        } catch {
            return try tell("operation log: \(error)")
        }
        if case .failure(let fault) = walked { try tell("operation log: \(fault)") }
    }
}
