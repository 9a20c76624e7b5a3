import ArgumentParser
import Foundation

extension ConfigSubcommand {
    /// `roster config show`: shows every setting with its value and where it comes from.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every setting, its value and where it comes from.",
            discussion: """
                Settings are read as a command with the same --config and the same environment reads them: without --config,
                those of the server come from the environment alone. Flags of other commands are not known here. Secrets are
                hidden.

                Examples:
                  roster config show --config /etc/roster/config.yaml
                  roster config show --json
                """)

        @Option(
            help: ArgumentHelp(
                "The file of settings; default for settings of commands: ~/.config/roster/config.yaml.",
                valueName: "file"))
        var config: String?

        @Flag(help: "Print JSON, with what each setting is.")
        var json = false

        func run() async throws {
            let client = try await Settings(flags: [:], file: config, defaultFiles: Settings.clientFiles)
            let server = try await Settings(flags: [:], file: config)
            let rows = Setting.all.map { Row($0, $0.side == .client ? client : server) }
            guard !json else {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                return try Output.line(String(decoding: encoder.encode(rows), as: UTF8.self))
            }
            var table = Table(["setting", "value", "from"])
            for row in rows { table.add([row.name, row.value ?? "-", row.place]) }
            try Output.raw(table.text)
        }

        /// A setting and its value.
        private struct Row: Encodable {
            let name: String
            let value: String?
            /// environment, file or default; nil if the setting has no value.
            let source: String?
            let file: String?
            let line: Int?
            let variable: String
            let kind: String
            let defaultValue: String?
            let isSecret: Bool
            let reload: String
            let side: String
            let needs: [String]
            let help: String

            init(_ setting: Setting, _ settings: Settings) {
                let found = settings.found(setting.name)
                name = setting.name
                value = found.map { setting.shown($0.value) } ?? setting.defaultValue
                switch found?.origin {
                case .file(let path, let line):
                    (source, file, self.line) = ("file", path, line)
                case .flag, .environment: (source, file, line) = ("environment", nil, nil)
                case nil: (source, file, line) = (setting.defaultValue.map { _ in "default" }, nil, nil)
                }
                variable = setting.variable
                kind = setting.kind.text
                defaultValue = setting.defaultValue
                isSecret = setting.isSecret
                reload = setting.reload.rawValue
                side = setting.side.rawValue
                needs = setting.needs
                help = setting.help
            }

            /// Where the value comes from, for a person.
            var place: String {
                switch source {
                case "file": [file, line.map(String.init)].compactMap { $0 }.joined(separator: ":")
                case "environment": variable
                default: source ?? "-"
                }
            }

            private enum CodingKeys: String, CodingKey {
                case name, value, source, file, line, variable, kind, reload, side, needs, help
                case defaultValue = "default"
                case isSecret = "secret"
            }
        }
    }
}
