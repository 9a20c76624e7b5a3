import ArgumentParser
import Foundation
import Roster
import RosterCredentials

/// The options of every command that works on a store itself.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("data"), help: ArgumentHelp("The data folder; made where there is none.", valueName: "dir"))
    var path: String?

    @Option(
        help: ArgumentHelp(
            "A PostgreSQL instead of a data folder: any connection string of libpq, without the password.",
            valueName: "postgres://…"))
    var store: String?

    @Option(help: ArgumentHelp("With --store, the file of the key that seals secrets.", valueName: "file"))
    var sealKey: String?

    /// Whether the command line names a store.
    var isGiven: Bool { path != nil || store != nil }

    func validate() throws {
        if path != nil, store != nil { throw ValidationError("Give either --data or --store.") }
        if path != nil, sealKey != nil {
            throw ValidationError("--seal-key belongs to --store: a data folder has its own.")
        }
    }

    /// Opens the store that the command line names, or else ROSTER_STORE and ROSTER_SEAL_KEY in the environment.
    /// - Parameters:
    ///   - setting: gives a setting that the command line does not.
    ///   - waits: whether a database that cannot be reached is waited for.
    /// - Throws: `CommandFailure` with one line that says what to do.
    func open(
        _ setting: (String) -> String? = Self.environment, waits: Bool = false
    ) async throws -> OpenStore {
        if let path { return OpenStore(try DataFolder(path)) }
        guard let address = store ?? setting("store") else {
            throw CommandFailure("name the store: --data dir, --store postgres://…, or ROSTER_STORE in the environment")
        }
        if store != nil { try DistributedStore.refusePassword(in: address) }
        guard let keyPath = sealKey ?? setting("seal_key") else {
            throw CommandFailure(
                "PostgreSQL needs --seal-key, the same file on every replica: roster store make-key makes one")
        }
        return try await DistributedStore.open(address, keyPath: keyPath, waits: waits)
    }

    static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["ROSTER_\(name.uppercased())"].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// A store and the key that seals its secrets.
struct OpenStore {
    let store: any CopyableStore & PlanningStore
    let sealKey: SealKey
    /// The options that name it, for messages.
    let shown: String
    /// The data folder, where it lies in one.
    let folder: DataFolder?

    init(_ folder: DataFolder) {
        self.init(store: folder.store, sealKey: folder.sealKey, shown: "--data \(folder.path)", folder: folder)
    }

    init(store: any CopyableStore & PlanningStore, sealKey: SealKey, shown: String, folder: DataFolder?) {
        self.store = store
        self.sealKey = sealKey
        self.shown = shown
        self.folder = folder
    }

    /// Takes the store for serving. A data folder is served by one process; a database by any number.
    /// - Returns: the lock, where there is one; it holds until it is released or the process ends.
    /// - Throws: `CommandFailure` that names who holds it.
    func lockForServing(address: String) throws -> FileLock? { try folder?.lockForServing(address: address) }
}
