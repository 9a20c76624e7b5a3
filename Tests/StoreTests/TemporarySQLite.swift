import Foundation
import RosterCredentials
import RosterModel
import RosterSQLite

/// An embedded store in a temporary folder.
enum TemporarySQLite {
    static let key = SealKey(bytes: Array(repeating: 7, count: 32))

    static func use(_ body: (SQLiteStore) async throws -> Void) async throws {
        try await inFolder { path in try await body(try open(path)) }
    }

    static func open(_ path: String, key: SealKey = key) throws -> SQLiteStore {
        try SQLiteStore(path: path, sealing: key, busyTimeout: 10)
    }

    /// Runs `body` with the path of a store that is not there yet.
    static func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("roster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appendingPathComponent("roster.db").path)
    }
}
