import ArgumentParser
import RosterCredentials
import RosterModel

extension OperationSubcommand {
    /// `roster operation chain-key`: prints the key of the log's chain.
    struct ChainKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "chain-key",
            abstract: "Print the key that proves exported events, for the machine that keeps them.",
            discussion: """
                It is derived from the seal key. Who has it can prove and forge the chain, but opens no secret of the store.

                Example:
                  roster operation chain-key --data /var/lib/roster > chain.key
                """)

        @OptionGroup var data: StoreOptions

        func run() async throws {
            try Output.line(Hex.text(try await data.open(isMade: false).sealKey.chainKey))
        }
    }
}
