import ArgumentParser
import Foundation

/// `roster version`: names the version and what it was built from.
struct VersionSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Tell the version of this program.",
        discussion: "Example:\n  roster version --json")

    @Flag(help: "Print JSON, with the commit and the compiler.")
    var json = false

    func run() throws {
        let version = BuildVersion()
        guard json else { return try Output.line("roster \(version.line)") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try Output.line(String(decoding: encoder.encode(version), as: UTF8.self))
    }
}
