import ArgumentParser

extension ConfigSubcommand {
    /// `roster config check`: tells everything that is wrong in a file of settings.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell everything that is wrong in a file of settings.",
            discussion: """
                The file is judged by itself: a setting that it needs must stand in it too. Exit code 1 tells of a fault.

                Example:
                  roster config check /etc/roster/config.yaml
                """)

        @Argument(help: "The file.", completion: .file())
        var file: String

        func run() async throws {
            let read = try await SettingsFile(file)
            for fault in read.faults { Output.printDiagnostic(read.describe(fault)) }
            guard read.faults.isEmpty else {
                throw CommandError("\(file) has \(read.faults.count == 1 ? "a fault" : "\(read.faults.count) faults")")
            }
            try Output.line("\(file) is right")
        }
    }
}
