import ArgumentParser
import Foundation
import Testing

@testable import RosterCLI

@Suite struct SettingsTests {
    private func inFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("roster-\(UUID().uuidString).yaml")
            .path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    @Test(arguments: ["true", "True", "TRUE", "yes", "on", "1", "\"true\"", "'yes'"])
    func aFlagIsSetAsPeopleWriteIt(value: String) async throws {
        try await inFile("homes: \(value)\n") { path in
            let settings = try await Settings(flags: [:], file: path)
            #expect(try settings.flag("homes"))
        }
    }

    @Test(arguments: ["false", "No", "off", "0", "\"\""])
    func aFlagIsTakenBackAsPeopleWriteIt(value: String) async throws {
        try await inFile("homes: \(value)\n") { path in
            let settings = try await Settings(flags: [:], file: path)
            #expect(try !settings.flag("homes"))
        }
    }

    @Test(arguments: ["ja", "2", "enabled", "tru"])
    func aFlagOfAnotherWordIsRefused(value: String) async throws {
        try await inFile("homes: \(value)\n") { path in
            let settings = try await Settings(flags: [:], file: path)
            let error = #expect(throws: CommandError.self) { try settings.flag("homes") }
            #expect(error?.description == "homes is '\(value)': write true or false")
        }
    }

    @Test func aFlagOfTheCommandLineComesFirst() async throws {
        try await inFile("homes: no\n") { path in
            let settings = try await Settings(flags: ["homes": "true"], file: path)
            #expect(try settings.flag("homes"))
        }
    }

    @Test(arguments: [
        ("http: 0.0.0.0:80\nhoems: true\n", "line 2: there is no setting hoems; is homes meant?"),
        ("# a comment\n\nlog-level: debug\n", "line 3: there is no setting log-level; is log_level meant?"),
        ("Rate: off\n", "line 1: there is no setting Rate; is rate meant?"),
        ("something_else_entirely: 1\n", "line 1: there is no setting something_else_entirely"),
        ("\"se cret!\": 1\n", "line 1: there is no such setting"),
        ("  http: 0.0.0.0:80\n  hoems: true\n", "line 2: there is no setting hoems; is homes meant?"),
        ("--- {hoems: true, zone: z}\n", "line 1: write each setting on a line of its own"),
        ("{hoems: true}\n", "line 1: write each setting on a line of its own"),
        ("trusted_proxies:\n  - 10.0.0.1\n", "line 2: trusted_proxies takes one value; separate several by commas"),
        ("trusted_proxies: [10.0.0.1]\n", "line 1: trusted_proxies takes one value; separate several by commas"),
    ])
    func whatWouldBeIgnoredIsRefusedWithItsLine(text: String, message: String) async throws {
        try await inFile(text) { path in
            let error = await #expect(throws: CommandError.self) { try await Settings(flags: [:], file: path) }
            #expect(error?.description == "the configuration file \(path), \(message)")
        }
    }

    @Test func aFileWithCommentsAndEmptyLinesIsRead() async throws {
        try await inFile("---\n# the server\nhttp: \"0.0.0.0:80\"   # everywhere\n\nrate: \"off\"\r\nuser_set:\n") {
            path in
            let settings = try await Settings(flags: [:], file: path)
            #expect(settings.value("http") == "0.0.0.0:80")
            #expect(settings.value("rate") == "off")
            #expect(settings.value("user_set") == nil)
        }
    }

    @Test func everySettingOfTheServerIsKnown() throws {
        let flags = try ServeSubcommand.parse(["--data", "x"])
        for name in Array(flags.nodes.flags.keys) + Array(flags.certificate.flags.keys) {
            #expect(SettingsFile.names.contains(name))
        }
    }
}
