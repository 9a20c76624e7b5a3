import Foundation
import Glibc
import RosterModel
import RosterStore

/// The built program, run as an administrator would.
enum Program {
    /// `ROSTER_BIN`, else the one beside the tests.
    static var path: String {
        if let path = ProcessInfo.processInfo.environment["ROSTER_BIN"] { return path }
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return tests.appendingPathComponent("roster").path
    }

    struct Outcome {
        let status: Int32
        let wasKilled: Bool
        let output: String
        let errors: String
    }

    /// Runs the program to its end, or until it is killed with -9 after `killAfter`.
    static func run(_ arguments: [String], killAfter: Duration? = nil) async throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        if let killAfter {
            // Not a task: other tests may keep Swift's threads busy for longer than the program runs.
            DispatchQueue.global().asyncAfter(deadline: .now() + killAfter / .seconds(1)) {
                [id = process.processIdentifier] in kill(id, SIGKILL)
            }
        }
        // Each pipe is read to its end beside the other: a full one would stop the program.
        async let errorText = text(of: errors)
        let outputText = await text(of: output)
        let outcome = await (outputText, errorText)
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: outcome.0, errors: outcome.1)
    }

    private static func text(of pipe: Pipe) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
    }

    /// Runs `body` with the path of a folder that is taken away afterwards.
    static func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("roster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }
}
