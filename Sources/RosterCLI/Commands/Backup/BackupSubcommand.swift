import ArgumentParser
import Foundation
import RosterCredentials
import RosterModel
import RosterSQLite

/// `roster backup`: copies a data folder's store while it is in use.
struct BackupSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a data folder's store to one file, while a server runs.",
        discussion: """
            The copy is the store at one moment, checked and synced to the disk, with mode 0600. It says when it was made, by
            which version, and holds a checksum of its content and the head of the operation log. It does not hold the seal
            key: keep a copy of seal.key elsewhere, because both together decrypt every secret.

            PostgreSQL is backed up with pg_dump or pg_basebackup; roster store checksum compares a restored one.

            Examples:
              roster backup --data /var/lib/roster /backup/roster.db
              roster backup --data /var/lib/roster --keep 14 /backup/
              roster backup verify --seal-key /somewhere/else/seal.key /backup/roster.db
            """,
        subcommands: [Make.self, Verify.self], defaultSubcommand: Make.self)

    /// `roster backup make`: makes a backup.
    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make", abstract: "Make a backup.",
            discussion: """
                Examples:
                  roster backup make --data /var/lib/roster /backup/roster.db
                  roster backup make --data /var/lib/roster --keep 14 /backup/
                """)

        @Option(name: .customLong("data"), help: ArgumentHelp("The data folder.", valueName: "dir"))
        var path: String

        @Option(help: ArgumentHelp("In a folder, remove older backups beyond this number.", valueName: "number"))
        var keep: Int?

        @Argument(help: ArgumentHelp("A new file, or a folder for a file named by the time.", valueName: "file or dir"))
        var target: String

        func validate() throws {
            guard keep.map({ $0 >= 1 }) ?? true else { throw ValidationError("--keep is 1 or more.") }
        }

        func run() async throws {
            guard FileManager.default.fileExists(atPath: path + "/roster.db") else {
                throw CommandError("there is no store in \(path)")
            }
            let data = try DataFolder(path, isMade: false)
            guard let store = data.store as? SQLiteStore else { throw CommandError("\(path) has no store of its own") }
            let time = Timestamp.now
            var isFolder: ObjCBool = false
            let inFolder = FileManager.default.fileExists(atPath: target, isDirectory: &isFolder) && isFolder.boolValue
            guard inFolder || keep == nil else { throw CommandError("--keep needs a folder that is there: \(target)") }
            let file = inFolder ? "\(target)/\(BackupFile.name(at: time))" : target
            let info = try await BackupFile.make(of: store, sealKey: data.sealKey, at: file, time: time)
            try LastBackup(of: path).record(time, file: file)
            try Output.line("\(file): checksum \(info.checksum), head \(info.head)")
            guard let keep else { return }
            for old in try BackupFile.all(in: target).dropLast(keep) {
                BackupFile.remove("\(target)/\(old)")
                try Output.line("removed \(target)/\(old)")
            }
        }
    }

    /// `roster backup verify`: verifies a backup.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that a backup is whole.",
            discussion: """
                Checks a copy of the file, beside it: every row, the operation log, and the checksum of everything.

                Examples:
                  roster backup verify --seal-key /somewhere/else/seal.key /backup/roster.db
                """)

        @Option(help: ArgumentHelp("The file of the key that seals the store's secrets.", valueName: "file"))
        var sealKey: String

        @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
        var file: String

        func run() async throws {
            let key = try SealKeyFile.open(at: sealKey)
            let copy = "\(file).verifying-\(ProcessInfo.processInfo.processIdentifier)"
            defer { BackupFile.remove(copy) }
            let info = try await BackupFile.verifiedCopy(of: file, to: copy, sealKey: key)
            try Output.line(
                "\(file) is whole: of \(info.time), by version \(info.version), checksum \(info.checksum), head \(info.head)"
            )
        }
    }
}
