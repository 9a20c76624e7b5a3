import ArgumentParser
import RosterCredentials

extension StoreSubcommand {
    /// `roster store make-key`: creates a seal key for replicas on PostgreSQL.
    struct MakeKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key that seals secrets, for replicas on PostgreSQL.",
            discussion: """
                Every replica needs the same file, mode 0600. Who loses it loses every access key. A data folder makes its own.

                Example:
                  roster store make-key /etc/roster/seal.key
                """)

        @Argument(help: ArgumentHelp("Where to put it; nothing may be there.", valueName: "file"))
        var file: String

        func run() throws {
            do {
                try SealKeyFile.makeNew(at: file)
            } catch {
                throw CommandError("\(error)")
            }
            try Output.line("made \(file); keep a copy where your backups are, and give it to every replica")
        }
    }
}
