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
    /// - Parameter isMade: whether a data folder is made where there is none; a command that only reads makes none.
    /// - Throws: `CommandError` with one line that says what to do.
    func open(isMade: Bool = true) async throws -> StoreHandle {
        try await source(Self.environment).open(isMade: isMade)
    }

    /// The store that the command line or the settings name.
    /// - Parameter setting: returns a setting that the command line does not have.
    /// - Throws: `CommandError` with one line that says what to do.
    func source(_ setting: (String) -> String?) throws -> StoreSource {
        if let path { return .folder(path) }
        guard let address = store ?? setting("store") else {
            throw CommandError("name the store: --data dir, --store postgres://…, or ROSTER_STORE in the environment")
        }
        if store != nil { try PostgresStoreFactory.refusePassword(in: address) }
        guard let keyPath = sealKey ?? setting("seal_key") else {
            throw CommandError(
                "PostgreSQL needs --seal-key, the same file on every replica: roster store make-key makes one")
        }
        return .postgres(try PostgresSource(address, keyPath: keyPath))
    }

    static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["ROSTER_\(name.uppercased())"].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Where a store is, before it is opened.
enum StoreSource {
    case folder(String)
    case postgres(PostgresSource)

    /// The data folder, if it is one.
    var folder: String? {
        if case .folder(let path) = self { path } else { nil }
    }

    /// For messages that anybody may read.
    var place: String {
        switch self {
        case .folder: "the data folder"
        case .postgres(let source): source.place
        }
    }

    /// - Parameters:
    ///   - isMade: whether a data folder is made where there is none.
    ///   - onWait: is told why a database cannot be reached, each time that it was tried; nil does not wait for it.
    /// - Throws: `CommandError` with one line that says what to do.
    func open(isMade: Bool = true, onWait: (@Sendable (String) -> Void)? = nil) async throws -> StoreHandle {
        switch self {
        case .folder(let path): StoreHandle(try await DataFolder.open(path, isMade: isMade))
        case .postgres(let source): try await source.open(onWait: onWait)
        }
    }

    /// Locks the store for serving. One process serves a data folder; any number serve a database.
    /// - Returns: the lock, if there is one, held until it is released or the process ends.
    /// - Throws: `CommandError` that names the holder, or says why the folder cannot be used.
    func lockForServing(address: String) throws -> FileLock? {
        try folder.map { try DataFolder.lockForServing($0, address: address) }
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
}
