import Foundation
import RosterCredentials
import RosterDirectory
import RosterModel
import RosterPostgres
import Synchronization

/// A PostgreSQL of this process's own: started when a test first needs it, gone with the process however that ends.
enum TemporaryPostgres {
    /// Makes an empty database and takes it away afterwards.
    static func use(_ body: (PostgresStore) async throws -> Void) async throws {
        try await inDatabase { address in try await body(try await open(address)) }
    }

    static func open(_ address: ServerAddress, key: SealKey = TemporarySQLite.key) async throws -> PostgresStore {
        try await PostgresStore.open(address, sealing: key)
    }

    /// Runs `body` with the address of a database that is empty.
    /// - Parameter options: of CREATE DATABASE.
    static func inDatabase(
        options: String = "", _ body: (ServerAddress) async throws -> Void
    ) async throws {
        let folder = try await server.value
        let name = "t\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try psql("CREATE DATABASE \(name) \(options)", in: "postgres", folder)
        defer { _ = try? psql("DROP DATABASE \(name) WITH (FORCE)", in: "postgres", folder) }
        try await body(try ServerAddress("host=\(folder) dbname=\(name) user=roster"))
    }

    /// Runs `sql` in a database by PostgreSQL's own client; gives what it prints.
    /// - Parameter disconnecting: a database whose connections are ended first.
    @discardableResult
    static func psql(
        _ sql: String, at address: ServerAddress, disconnecting name: Substring? = nil
    ) async throws -> String {
        if let name {
            try psql(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(name)'",
                in: "postgres",
                try await server.value)
        }
        let words = address.redacted.split(separator: " ").first { $0.hasPrefix("dbname=") }
        return try psql(sql, in: String(words?.dropFirst(7) ?? "postgres"), try await server.value)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    @discardableResult
    private static func psql(_ sql: String, in database: String, _ folder: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", "roster", "-d", database, "-c",
            sql,
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: String(decoding: complaint, as: UTF8.self))
        }
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Starts a server in a folder; as root under another user, because PostgreSQL does not run as root. It stops when its
    /// standard input ends, which is when this process does.
    private static let script = """
        set -eu
        dir=$1
        bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
        if [ "$(id -u)" = 0 ]; then
            chown postgres "$dir"
            as() { runuser -u postgres -- "$@"; }
        else
            as() { "$@"; }
        fi
        cd "$dir"
        as "$bin/initdb" -D "$dir/data" -U roster -A trust -E UTF8 --no-sync --no-instructions >"$dir/initdb.log" 2>&1
        as "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start \
            -o "-k $dir -c listen_addresses= -c fsync=off -c max_connections=300" >/dev/null
        echo ready
        cat >/dev/null || true
        as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
        rm -rf "$dir"
        """

    /// The folder of the server's socket.
    private static let server = Task { () throws -> String in
        let folder = "/tmp/roster-pg-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh", folder]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        held.withLock { $0 = input }
        guard output.fileHandleForReading.availableData == Data("ready\n".utf8) else {
            let log = (try? String(contentsOfFile: folder + "/initdb.log", encoding: .utf8)) ?? ""
            throw Failure(description: "PostgreSQL does not start; is the package postgresql installed? \(log)")
        }
        return folder
    }

    /// What keeps the server running.
    private static let held = Mutex<Pipe?>(nil)
}
