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
        try await inFile("homes: \(value)\nhome_root: /share\n") { path in
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
            let error = await #expect(throws: CommandError.self) { try await Settings(flags: [:], file: path) }
            #expect(error?.description == "the configuration file \(path), line 1: homes must be true or false")
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

    @Test(arguments: ["", "\n", "# the server\n\n  # http: 0.0.0.0:80\n", "# of another system\r\n\r\n"])
    func aFileOfCommentsAloneSetsNothing(text: String) async throws {
        try await inFile(text) { path in
            let settings = try await Settings(flags: [:], environment: [:], file: path)
            #expect(settings.value("http") == nil)
        }
    }

    @Test func everySettingOfTheServerIsKnown() throws {
        let flags = try ServeSubcommand.parse(["--data", "x"])
        for name in Array(flags.nodes.flags.keys) + Array(flags.certificate.flags.keys) {
            #expect(SettingName.all.contains(name))
        }
    }

    // MARK: What comes first

    @Test func aFlagComesBeforeTheEnvironmentAndThatBeforeTheFile() async throws {
        try await inFile("zone: file\nendpoint: http://file\nrate: \"off\"\n") { path in
            let settings = try await Settings(
                flags: ["zone": "flag", "endpoint": nil],
                environment: ["ROSTER_ZONE": "environment", "ROSTER_ENDPOINT": "http://environment"], file: path)
            #expect(settings.value("zone") == "flag")
            #expect(settings.value("endpoint") == "http://environment")
            #expect(settings.value("rate") == "off")
        }
    }

    @Test func anEmptyValueIsNone() async throws {
        try await inFile("zone: file\n") { path in
            let settings = try await Settings(flags: ["zone": ""], environment: ["ROSTER_ZONE": ""], file: path)
            #expect(settings.value("zone") == "file")
        }
    }

    @Test func theFirstDefaultFileComesFirst() async throws {
        try await inFile("zone: first\n") { first in
            try await inFile("zone: second\nendpoint: http://second\n") { second in
                let settings = try await Settings(
                    flags: [:], environment: [:], file: nil, defaultFiles: ["/nonexistent/x", first, second])
                #expect(settings.value("zone") == "first")
                #expect(settings.value("endpoint") == "http://second")
            }
        }
    }

    @Test func aSecretBelongsToTheKeyBesideIt() async throws {
        try await inFile("access_key_id: FILE\nsecret_access_key: of-the-file\n") { path in
            let same = try await Settings(flags: ["access_key_id": "FILE"], environment: [:], file: path)
            #expect(try same.credentials().secretAccessKey == "of-the-file")
            let other = try await Settings(flags: ["access_key_id": "OTHER"], environment: [:], file: path)
            let error = #expect(throws: CommandError.self) { try other.credentials() }
            #expect(error?.description.hasPrefix("secret_access_key is not set") == true)
            #expect(error?.description.contains("of-the-file") == false)
            let both = try await Settings(
                flags: [:],
                environment: ["ROSTER_ACCESS_KEY_ID": "ENV", "ROSTER_SECRET_ACCESS_KEY": "of-the-environment"],
                file: path)
            #expect(try both.credentials() == ("ENV", "of-the-environment"))
        }
    }

    @Test func aMissingSettingTellsEveryWayToSetIt() async throws {
        let settings = try await Settings(flags: [:], environment: [:], file: nil)
        let error = #expect(throws: CommandError.self) { try settings.required("zone", flag: "--zone") }
        #expect(
            error?.description
                == "zone is not set: use --zone, or ROSTER_ZONE in the environment, or zone in ~/.config/roster/config.yaml"
        )
    }

    // MARK: Files of another kind

    @Test(arguments: [
        "- a\n- b\n", "just words\n", "zone: [unclosed\n", "\u{0}\u{1}\n", "zone: a: b\n", "zone:\n\tx\n",
    ])
    func aFileThatIsNoMapIsRefusedWithoutItsContents(text: String) async throws {
        try await inFile(text + "secret_access_key: hunter2\n") { path in
            let error = await #expect(throws: CommandError.self) {
                try await Settings(flags: [:], environment: [:], file: path)
            }
            #expect(error?.description.hasPrefix("the configuration file \(path)") == true)
            #expect(error?.description.contains("hunter2") == false)
        }
    }

    @Test func aFileThatIsNotThereIsRefused() async throws {
        let error = await #expect(throws: UnreadableFileError.self) {
            try await Settings(flags: [:], environment: [:], file: "/nonexistent/roster.yaml")
        }
        #expect(error?.description == "the configuration file /nonexistent/roster.yaml cannot be read")
    }

    @Test func aBrokenDefaultFileIsToldOfWhereASettingIsMissing() async throws {
        try await inFile("- a list\n") { path in
            let settings = try await Settings(flags: [:], environment: [:], file: nil, defaultFiles: [path])
            let error = #expect(throws: CommandError.self) { try settings.required("zone", flag: nil) }
            #expect(error?.description.contains(path) == true)
        }
    }

    // MARK: The environment

    @Test(arguments: [
        ("ROSTER_HOEMS", "the environment: there is no setting ROSTER_HOEMS; is ROSTER_HOMES meant?"),
        ("ROSTER_LOG-LEVEL", "the environment: there is no setting ROSTER_LOG-LEVEL; is ROSTER_LOG_LEVEL meant?"),
        ("ROSTER_http", "the environment: there is no setting ROSTER_http; is ROSTER_HTTP meant?"),
        ("ROSTER_SOMETHING_ELSE", "the environment: there is no setting ROSTER_SOMETHING_ELSE"),
        ("ROSTER_", "the environment: there is no setting ROSTER_"),
        ("ROSTER_\u{1B}[2J", "the environment: there is no such setting"),
        ("ROSTER_" + String(repeating: "A", count: 10_000), "the environment: there is no such setting"),
    ])
    func aVariableThatSetsNothingIsToldOfWithoutItsValue(variable: String, line: String) {
        #expect(SettingName.diagnostics(of: [variable: "hunter2", "ROSTER_ZONE": "z"]) == [line])
    }

    @Test func variablesOfSettingsAndOfOthersAreNotToldOf() {
        var environment = ["HOME": "/root", "QY_ACCESS_KEY_ID": "x", "ROSTERS": "x", "roster_http": "x"]
        for name in SettingName.all { environment["ROSTER_\(name.uppercased())"] = "x" }
        #expect(SettingName.diagnostics(of: environment).isEmpty)
    }
}
