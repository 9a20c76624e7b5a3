import ArgumentParser
import Foundation
import Glibc
import RosterCredentials
import RosterModel
import RosterSQLite

/// `roster restore`: puts a backup into a data folder.
struct RestoreSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup into a data folder.",
        discussion: """
            The backup is verified first; if anything is wrong, the folder stays as it is. With --replace the folder may have a
            store, which nobody may serve meanwhile. It is kept beside the new one, as roster.db.before-TIME.

            Examples:
              roster restore --data /var/lib/restored --seal-key /somewhere/else/seal.key /backup/roster.db
              roster restore --data /var/lib/roster --replace /backup/roster.db
            """)

    @Option(
        name: .customLong("data"), help: ArgumentHelp("The data folder; made where there is none.", valueName: "dir"))
    var path: String

    @Option(
        help: ArgumentHelp("The file of the seal key, where the folder has none.", valueName: "file"))
    var sealKey: String?

    @Flag(help: "Replace the store that the folder has.")
    var replace = false

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
    var file: String

    func run() async throws {
        let database = path + "/roster.db"
        let hasStore = FileManager.default.fileExists(atPath: database)
        guard !hasStore || replace else {
            throw CommandError("\(path) has a store: --replace puts the backup into its place, or name an empty folder")
        }
        guard FileManager.default.fileExists(atPath: file) else { throw CommandError("there is no file \(file)") }
        try DataFolder.prepare(path, withKey: sealKey)
        let key = try SealKeyFile.open(at: path + "/seal.key")
        // Held until the store is in its place: nobody serves the old one, or opens the folder meanwhile.
        let serving = try FileLock(path + "/serve.lock")
        guard serving.tryLock() else {
            throw CommandError("the folder \(path) is served by \(serving.text): stop the server first")
        }
        defer { serving.release() }
        let opening = try FileLock(path + "/open.lock")
        try opening.wait()
        defer { opening.release() }
        let copy = database + ".restoring"
        let info: BackupInfo
        do {
            info = try await BackupFile.verifiedCopy(of: file, to: copy, sealKey: key)
            try BackupFile.sync(copy)
            if hasStore { try await keepOld(database, sealKey: key) }
        } catch {
            BackupFile.remove(copy)
            throw CommandError("nothing was restored: \(error)")
        }
        // The log of the old store would be applied to the new one.
        for end in ["-wal", "-shm"] { unlink(database + end) }
        guard rename(copy, database) == 0 else { throw CommandError("cannot make \(database): \(systemError())") }
        try BackupFile.sync(path)
        try Output.line("restored the backup of \(info.time): checksum \(info.checksum), head \(info.head)")
    }

    /// Moves the store away, with everything that its log holds.
    private func keepOld(_ database: String, sealKey: SealKey) async throws {
        let kept = database + ".before-" + Timestamp.now.iso8601.filter { $0 != "-" && $0 != ":" }
        // A store that cannot be opened any more is kept with its log.
        if let store = try? SQLiteStore(path: database, sealing: sealKey) { try await store.closeAsOneFile() }
        for end in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: database + end) {
            guard rename(database + end, kept + end) == 0 else {
                throw CommandError("cannot move \(database + end) away: \(systemError())")
            }
        }
        try Output.line("the old store is kept as \(kept)")
    }
}
