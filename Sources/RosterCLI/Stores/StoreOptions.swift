import ArgumentParser
import Foundation
import RosterCredentials
import RosterModel
import RosterStore

/// The options of every command that works on a store itself.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: ArgumentHelp("The data folder; made by what writes where there is none.", valueName: "dir"))
    var path: String?

    @Option(help: .setting("store"))
    var store: String?

    @Option(help: .setting("seal_key"))
    var sealKey: String?

    /// Whether the command line names a store.
    var isGiven: Bool { path != nil || store != nil }

    func validate() throws {
        if path != nil, store != nil { throw ValidationError("Give either --data or --store.") }
        if path != nil, sealKey != nil {
            throw ValidationError("--seal-key belongs to --store: a data folder has its own.")
        }
    }

    /// Opens the store that the command line names, or else that of ROSTER_STORE and ROSTER_SEAL_KEY in the
    /// environment.
    /// - Parameters:
    ///   - setting: returns a setting that the command line does not have.
    ///   - isMade: whether a data folder is made where there is none; a command that only reads makes none.
    ///   - waits: whether to wait for a database that cannot be reached.
    /// - Throws: `CommandError` with one line that says what to do.
    func open(
        _ setting: (String) -> String? = Self.environment, isMade: Bool = true, waits: Bool = false
    ) async throws -> StoreHandle {
        if let path { return StoreHandle(try DataFolder(path, isMade: isMade)) }
        guard let address = store ?? setting("store") else {
            throw CommandError("name the store: --data dir, --store postgres://…, or ROSTER_STORE in the environment")
        }
        if store != nil { try PostgresStoreFactory.refusePassword(in: address) }
        guard let keyPath = sealKey ?? setting("seal_key") else {
            throw CommandError(
                "PostgreSQL needs --seal-key, the same file on every replica: roster store make-key makes one")
        }
        return try await PostgresStoreFactory.open(address, keyPath: keyPath, waits: waits)
    }

    static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["ROSTER_\(name.uppercased())"].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// A store and the key that seals its secrets.
struct StoreHandle {
    let store: any CopyableStore & PlanningStore
    let sealKey: SealKey
    /// The options that name the store, for messages.
    let commandLine: String
    /// The data folder of the store, if it has one.
    let folder: DataFolder?

    init(_ folder: DataFolder) {
        self.init(store: folder.store, sealKey: folder.sealKey, commandLine: "--data \(folder.path)", folder: folder)
    }

    init(store: any CopyableStore & PlanningStore, sealKey: SealKey, commandLine: String, folder: DataFolder?) {
        self.store = store
        self.sealKey = sealKey
        self.commandLine = commandLine
        self.folder = folder
    }

    /// Locks the store for serving. One process serves a data folder; any number serve a database.
    /// - Returns: the lock, if there is one, held until it is released or the process ends.
    /// - Throws: `CommandError` that names the holder.
    func lockForServing(address: String) throws -> FileLock? { try folder?.lockForServing(address: address) }
}
