import ArgumentParser
import Foundation
import Glibc

/// The `roster` command.
@main
struct RosterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roster",
        abstract: "The user directory of HPC clusters.",
        discussion: """
            A first start:
              roster import --data /var/lib/roster --zone zone1 users.csv
              roster key create --data /var/lib/roster --user-id usr-vceaHsJu --operator
              roster serve --data /var/lib/roster
            """,
        version: "roster \(BuildVersion().line)",
        subcommands: [
            ServeSubcommand.self, ImportSubcommand.self, KeySubcommand.self, UserSubcommand.self,
            ClusterSubcommand.self,
            GroupSubcommand.self, AttributeSubcommand.self, MapSubcommand.self, UIDSubcommand.self,
            OperationSubcommand.self, LDAPSubcommand.self,
            ConfigSubcommand.self, StoreSubcommand.self, BackupSubcommand.self, RestoreSubcommand.self,
            UpgradeSubcommand.self,
            HealthSubcommand.self, APISubcommand.self,
            VersionSubcommand.self,
        ])

    static func main() async {
        // Files that the program creates are for its own user only.
        umask(0o077)
        // Writing detects a reader that has gone away, which must not end a server.
        signal(SIGPIPE, SIG_IGN)
        // A shell that completes a command line shows nothing else.
        if CommandLine.arguments.dropFirst().first != "---completion" {
            for line in SettingName.diagnostics(of: ProcessInfo.processInfo.environment) {
                Output.printDiagnostic(line)
            }
        }
        if let fault = CommandNames.fault(in: CommandLine.arguments.dropFirst()) {
            Output.printDiagnostic("Error: \(fault)")
            Output.printDiagnostic("See 'roster --help' for more information.")
            Glibc.exit(ExitCode.validationFailure.rawValue)
        }
        await main(nil)
    }
}

/// Why a command failed: one line for a tired administrator.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
