import Dispatch
import Foundation
import RosterCredentials
import RosterDirectory
import RosterModel
import RosterSQLite
import RosterStore
import SystemPackage

/// A folder with an embedded store, the key that seals its secrets, and their locks.
struct DataFolder {
    let path: String
    let store: any CopyableStore & PlanningStore
    let sealKey: SealKey

    /// Opens the folder; creates it (mode 0700) and its content if it does not exist.
    /// - Parameters:
    ///   - isPrepared: whether a folder that has a seal key only may get a store: `prepare` made it.
    ///   - isMade: whether a missing folder or store is made; a command that only reads makes none.
    /// - Throws: `CommandError` with one line that says what to do.
    init(_ path: String, isPrepared: Bool = false, isMade: Bool = true) throws {
        self.path = path
        let names = ["/roster.db", "/seal.key"]
        if !isMade, !names.contains(where: { FileManager.default.fileExists(atPath: path + $0) }) {
            throw CommandError("there is no store in \(path)")
        }
        try Self.makeFolder(path)
        // Two concurrent first starts would create two keys and two schemas.
        let lock = try FileLock(path + "/open.lock")
        try lock.wait()
        defer { lock.release() }
        let database = path + "/roster.db"
        let keyPath = path + "/seal.key"
        let manager = FileManager.default
        if manager.fileExists(atPath: database), !manager.fileExists(atPath: keyPath) {
            throw CommandError(
                "\(keyPath) is missing, and the store cannot be used without it: put it back from your backup")
        }
        // A lost file must not look like a directory without users.
        if !isPrepared, manager.fileExists(atPath: keyPath), !manager.fileExists(atPath: database) {
            throw CommandError(
                "\(database) is missing beside its seal.key: put it back from your backup; "
                    + "to begin with an empty directory, move seal.key away")
        }
        do {
            sealKey = try SealKeyFile.openOrMake(at: keyPath)
            store = try SQLiteStore(path: database, sealing: sealKey)
        } catch {
            throw CommandError("\(error)")
        }
    }

    /// Opens the folder on a thread of its own: bringing a large store up to this version takes its time, and other tasks
    /// go on.
    /// - Throws: what `init` throws.
    static func open(_ path: String, isMade: Bool) async throws -> DataFolder {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "roster.open").async {
                continuation.resume(with: Result { try DataFolder(path, isMade: isMade) })
            }
        }
    }

    /// Creates a folder that contains only a copy of the seal key at `key`, if the folder has none.
    /// - Throws: `CommandError` if it cannot be created, or has another key.
    static func prepare(_ path: String, withKey key: String) throws {
        try makeFolder(path)
        do {
            try SealKeyFile.copy(from: key, to: path + "/seal.key")
        } catch {
            throw CommandError("\(error)")
        }
    }

    /// Creates a folder that has a seal key: the one at `key`, or its own.
    /// - Throws: `CommandError` if it has no key and none is given, or has another one.
    static func prepare(_ path: String, withKey key: String?) throws {
        if let key { return try prepare(path, withKey: key) }
        guard FileManager.default.fileExists(atPath: path + "/seal.key") else {
            throw CommandError("\(path) has no seal key: name its copy with --seal-key")
        }
        try makeFolder(path)
    }

    private static func makeFolder(_ path: String) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { throw CommandError("the data folder \(path) is not a folder") }
        } else {
            let parent = FilePath(path).removingLastComponent().string
            if !parent.isEmpty, !FileManager.default.fileExists(atPath: parent) { try makeFolder(parent) }
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw CommandError("cannot make the data folder \(path): \(systemError())")
            }
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            let advice =
                errno == EROFS
                ? "its file system is read-only" : "run roster as its owner, or choose another with --data"
            throw CommandError("the data folder \(path) is not writable (\(systemError())): \(advice)")
        }
        // Anybody with write access could replace the key and the store.
        let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: place),
            let mode = attributes[.posixPermissions] as? Int, let owner = attributes[.ownerAccountID] as? Int
        else { throw CommandError("cannot look at \(path): \(systemError())") }
        guard mode & 0o022 == 0 else {
            throw CommandError("others may write in the data folder \(path): run chmod 700 \(path)")
        }
        guard owner == Int(getuid()) || getuid() == 0 else {
            throw CommandError("the data folder \(path) belongs to uid \(owner): run roster as that user")
        }
    }

    /// Locks a folder for serving, and makes it where there is none.
    /// - Returns: the lock, held until it is released or the process ends.
    /// - Throws: `CommandError` that names the holder, or says why the folder cannot be used.
    static func lockForServing(_ path: String, address: String) throws -> FileLock {
        try makeFolder(path)
        let lock = try FileLock(path + "/serve.lock")
        guard lock.tryLock() else {
            let holder = lock.text.isEmpty ? "another process" : lock.text
            throw CommandError("the data folder \(path) is already served by \(holder)")
        }
        lock.text = "process \(getpid()) on \(address)"
        return lock
    }
}
