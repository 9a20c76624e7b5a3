import ArgumentParser
import RosterCredentials
import RosterStore

extension StoreSubcommand {
    /// `roster store checksum`: prints a checksum of everything in a store.
    struct Checksum: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a checksum of everything in a store.",
            discussion: """
                Two stores with the same checksum hold the same: a backup that was restored, for one.

                Example:
                  roster store checksum --store postgres://roster@db1,db2/roster --seal-key /etc/roster/seal.key
                """)

        @OptionGroup var data: StoreOptions

        func run() async throws {
            let sum = try await StoreSum.read(try await data.open(isMade: false).store, "reading")
            try Output.line("\(sum.count) records, checksum \(sum)")
        }
    }
}
