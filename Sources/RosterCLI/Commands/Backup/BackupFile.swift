import Foundation
import Glibc
import RosterCredentials
import RosterModel
import RosterSQLite
import RosterStore

/// The file of a backup: a whole store, with what it says about itself.
enum BackupFile {
    /// The name of a backup in a folder, by its time; names sort as times do.
    static func name(at time: Timestamp) -> String {
        "roster-\(time.iso8601.filter { $0 != "-" && $0 != ":" }).db"
    }

    /// The backups in a folder, oldest first. Other files are not listed.
    static func all(in folder: String) throws -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in
            name.hasPrefix("roster-") && name.hasSuffix("Z.db")
                && name.utf8.count == "roster-20260101T000000Z.db".utf8.count
        }.sorted()
    }

    /// Copies `store` to a new file at `path`, with mode 0600, and syncs it to the disk. If anything fails, there is no
    /// file.
    /// - Throws: `CommandError`.
    static func make(of store: SQLiteStore, sealKey: SealKey, at path: String, time: Timestamp) async throws
        -> BackupInfo
    {
        guard access(path, F_OK) != 0 else { throw CommandError("\(path) is there already: it is not overwritten") }
        let unfinished = "\(path).unfinished"
        remove(unfinished)
        do {
            let bar = ProgressBar("copying", total: 1000)
            try await store.copy(to: unfinished) { bar.update(Int($0 * 1000)) }
            bar.finish()
            let info = try await read(unfinished, sealKey: sealKey, time: time, title: "checking")
            try info.write(to: unfinished)
            try sync(unfinished)
            guard rename(unfinished, path) == 0 else { throw CommandError("cannot make \(path): \(systemError())") }
            try sync(folder(of: path))
            return info
        } catch {
            remove(unfinished)
            throw CommandError("no backup was made: \(error)")
        }
    }

    /// What a backup of the store in the file at `path` says. The file is written: its log is merged into it.
    /// - Throws: `CommandError` if the store is damaged.
    static func read(_ path: String, sealKey: SealKey, time: Timestamp, title: String) async throws -> BackupInfo {
        let store = try SQLiteStore(path: path, sealing: sealKey)
        let damages = try await store.damages(limit: 5)
        guard damages.isEmpty else { throw CommandError("the store is damaged: \(damages.joined(separator: "; "))") }
        let head: ChainHead
        do {
            head = try await store.walkLog(chaining: sealKey, expecting: nil).get()
        } catch {
            throw CommandError("the operation log is broken: \(error)")
        }
        let sum = try await StoreSum.read(store, title)
        try await store.closeAsOneFile()
        return BackupInfo(time: time, version: BuildVersion().version, checksum: "\(sum)", head: "\(head)")
    }

    /// Copies the backup at `path` to `copy`, and verifies the copy: its rows, its log and its checksum.
    /// - Returns: what the backup says about itself.
    /// - Throws: `CommandError` if it is damaged, or no backup.
    static func verifiedCopy(of path: String, to copy: String, sealKey: SealKey) async throws -> BackupInfo {
        remove(copy)
        do {
            try FileManager.default.copyItem(atPath: path, toPath: copy)
        } catch {
            throw CommandError("cannot read \(path), or copy it to \(copy): \(systemError())")
        }
        guard chmod(copy, 0o600) == 0 else { throw CommandError("cannot copy \(path): \(systemError())") }
        guard let info = try BackupInfo.read(copy) else {
            throw CommandError("\(path) is a store, but no backup that roster backup made")
        }
        try BackupInfo.remove(from: copy)
        let found = try await read(copy, sealKey: sealKey, time: info.time, title: "verifying")
        guard found.checksum == info.checksum, found.head == info.head else {
            throw CommandError("\(path) is damaged: it does not hold what was written into it")
        }
        return info
    }

    /// Removes a store's file and what belongs to it.
    static func remove(_ path: String) {
        for end in ["", "-wal", "-shm", "-journal"] { unlink(path + end) }
    }

    /// The folder that a file is in.
    static func folder(of path: String) -> String {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return parent.isEmpty ? "." : parent
    }

    /// Syncs a file or folder to the disk.
    static func sync(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0, fsync(file) == 0 else {
            if file >= 0 { close(file) }
            throw CommandError("cannot write \(path): \(systemError())")
        }
        close(file)
    }
}

/// When the newest backup of a data folder was made, as a line in the folder.
struct LastBackup {
    private let path: String

    init(of folder: String) {
        path = folder + "/last-backup"
    }

    /// Nil if no backup was made.
    var time: Timestamp? {
        (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
            Timestamp(iso8601: String($0.prefix { $0 != " " }))
        }
    }

    func record(_ time: Timestamp, file: String) throws {
        try Data("\(time.iso8601) \(file)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
