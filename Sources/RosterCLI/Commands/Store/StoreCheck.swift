import ArgumentParser
import Foundation
import RosterSQLite
import RosterStore

extension StoreSubcommand {
    /// `roster store check`: tells what is damaged in the embedded store.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what is damaged in a data folder's store.",
            discussion: """
                Checks the structure of roster.db and the checksum of every row. The exit code is 1 if anything is damaged.
                Restore a damaged store from a backup. --accept-rows takes the rows as they are instead, for example after a
                row was repaired by hand: it makes the indexes anew, takes members that are no users out of groups, and
                writes new checksums.

                PostgreSQL checks its pages itself: see initdb --data-checksums and pg_amcheck.

                Examples:
                  roster store check --data /var/lib/roster
                  roster store check --data /var/lib/roster --accept-rows
                """)

        @Option(name: .customLong("data"), help: ArgumentHelp("The data folder.", valueName: "dir"))
        var path: String

        @Flag(help: "Take the rows as they are, and give them new checksums.")
        var acceptRows = false

        func run() async throws {
            guard FileManager.default.fileExists(atPath: path + "/roster.db") else {
                throw CommandError("there is no store in \(path)")
            }
            guard let store = try DataFolder(path).store as? SQLiteStore else {
                throw CommandError("\(path) has no store of its own")
            }
            let damages = try await store.damages()
            for line in damages { try Output.line(line) }
            guard !damages.isEmpty else { return try Output.line("the store is whole") }
            guard acceptRows else {
                throw CommandError(
                    "the store is damaged; restore it from a backup, or take the rows as they are with --accept-rows")
            }
            do throws(StoreError) {
                try await store.acceptRows()
            } catch {
                throw CommandError("\(error)")
            }
            try Output.line("the rows are taken as they are")
        }
    }
}
