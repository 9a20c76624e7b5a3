import Foundation
import RosterCredentials
import RosterDirectory
import RosterModel
import RosterSQLite
import RosterStore
import SystemPackage

/// A folder with an embedded store, the key that seals its secrets, and the locks around both.
struct DataFolder {
    let path: String
    let store: any CopyableStore & PlanningStore
    let sealKey: SealKey

    /// Opens the folder; makes it (mode 0700) and what belongs in it where there is none.
    /// - Throws: `CommandError` with one line that says what to do.
    init(_ path: String) throws {
        self.path = path
        try Self.makeFolder(path)
        // Two first starts at once would make two keys and two schemas.
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
        do {
            sealKey = try SealKeyFile.openOrMake(at: keyPath)
            store = try SQLiteStore(path: database, sealing: sealKey)
        } catch {
            throw CommandError("\(error)")
        }
    }

    /// Makes a folder that holds nothing but a copy of the seal key at `key`, where there is none.
    /// - Throws: `CommandError` where it cannot be made, or has another key.
    static func prepare(_ path: String, withKey key: String) throws {
        try makeFolder(path)
        do {
            try SealKeyFile.copy(from: key, to: path + "/seal.key")
        } catch {
            throw CommandError("\(error)")
        }
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
        // Who may write here may put another key and store in the place of these.
        var status = stat()
        guard stat(path, &status) == 0 else { throw CommandError("cannot look at \(path): \(systemError())") }
        guard status.st_mode & 0o022 == 0 else {
            throw CommandError("others may write in the data folder \(path): run chmod 700 \(path)")
        }
        guard status.st_uid == getuid() || getuid() == 0 else {
            throw CommandError("the data folder \(path) belongs to uid \(status.st_uid): run roster as that user")
        }
    }

    /// Takes the folder for serving.
    /// - Returns: the lock; it holds until it is released or the process ends.
    /// - Throws: `CommandError` that names who holds it.
    func lockForServing(address: String) throws -> FileLock {
        let lock = try FileLock(path + "/serve.lock")
        guard lock.tryLock() else {
            let holder = lock.text.isEmpty ? "another process" : lock.text
            throw CommandError("the data folder \(path) is already served by \(holder)")
        }
        lock.text = "process \(getpid()) on \(address)"
        return lock
    }
}

/// A lock on a file that the system lets go of when the process ends, however it ends.
final class FileLock: Sendable {
    private let file: Int32
    private let path: String

    init(_ path: String) throws {
        self.path = path
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CommandError("cannot open \(path): \(systemError())") }
    }

    deinit {
        close(file)
    }

    /// Waits for the lock.
    func wait() throws {
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else { throw CommandError("cannot lock \(path): \(systemError())") }
        }
    }

    /// Takes the lock if nobody holds it.
    func tryLock() -> Bool { flock(file, LOCK_EX | LOCK_NB) == 0 }

    func release() { flock(file, LOCK_UN) }

    /// A line in the file, for whoever finds it locked.
    var text: String {
        get {
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = pread(file, &buffer, buffer.count, 0)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
        set {
            ftruncate(file, 0)
            pwrite(file, newValue, newValue.utf8.count, 0)
        }
    }
}

/// What the last failed system call says.
func systemError() -> String { String(cString: strerror(errno)) }

extension Timestamp {
    /// The machine's time of now.
    static var now: Timestamp { Timestamp(seconds: Int64(time(nil))) }
}
