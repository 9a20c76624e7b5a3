import GRDB
package import RosterModel
package import RosterStore

import struct Foundation.Data

extension SQLiteStore {
    /// Copies the store, as it is at one moment, to a new file at `path`. Others may write meanwhile.
    /// - Parameter progress: called with the copied part, from 0 to 1.
    /// - Throws: `unavailable` if the file cannot be written.
    package func copy(to path: String, progress: @escaping (Double) -> Void) async throws(StoreError) {
        do {
            let target = try DatabaseQueue(path: path)
            try Self.backUp(pool, to: target, progress: progress)
            try target.close()
        } catch {
            throw StoreError(translating: error)
        }
    }

    /// Writes everything into the file itself, and closes it: no log is left beside it.
    /// - Throws: `unavailable`; `busy` if another process has it open.
    package func closeAsOneFile() async throws(StoreError) {
        do {
            try await pool.writeWithoutTransaction { db in
                _ = try db.checkpoint(.truncate)
            }
            try closeAll()
        } catch {
            throw StoreError(translating: error)
        }
    }
}

/// What a backup says about itself, in the table `meta` of its file.
package struct BackupInfo: Sendable, Equatable {
    /// When it was made.
    package var time: Timestamp
    /// The version of the program that made it.
    package var version: String
    /// The checksum of everything in it (`roster store checksum`).
    package var checksum: String
    /// The head of the operation log.
    package var head: String

    /// Creates the description of a backup.
    package init(time: Timestamp, version: String, checksum: String, head: String) {
        self.time = time
        self.version = version
        self.checksum = checksum
        self.head = head
    }

    private static let name = "backup"

    /// Writes the description into the file at `path`, which nobody else has open.
    /// - Throws: `unavailable`.
    package func write(to path: String) throws(StoreError) {
        let text = "\(version)\n\(checksum)\n\(head)"
        try Self.withFile(path) { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO meta (name, number, bytes) VALUES (?, ?, ?)",
                arguments: [Self.name, time.seconds, Data(text.utf8)])
        }
    }

    /// The description in the file at `path`; nil if it is a store that no backup made.
    /// - Throws: `unavailable` if it is no store.
    package static func read(_ path: String) throws(StoreError) -> BackupInfo? {
        try withFile(path) { db in
            guard
                let row = try Row.fetchOne(db, sql: "SELECT number, bytes FROM meta WHERE name = ?", arguments: [name])
            else { return nil }
            let lines = String(decoding: (row[1] as Data?) ?? Data(), as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false
            ).map(String.init)
            guard lines.count == 3 else { return nil }
            return BackupInfo(
                time: Timestamp(seconds: row[0]), version: lines[0], checksum: lines[1], head: lines[2])
        }
    }

    /// Takes the description out of the file at `path`: it is a store again.
    /// - Throws: `unavailable`.
    package static func remove(from path: String) throws(StoreError) {
        try withFile(path) { db in try db.execute(sql: "DELETE FROM meta WHERE name = ?", arguments: [name]) }
    }

    private static func withFile<Value>(_ path: String, _ body: (Database) throws -> Value) throws(StoreError) -> Value
    {
        do {
            let queue = try DatabaseQueue(path: path)
            let value = try queue.writeWithoutTransaction { db in
                // One file, without a log beside it.
                try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL")
                return try body(db)
            }
            try queue.close()
            return value
        } catch {
            throw StoreError(translating: error)
        }
    }
}
