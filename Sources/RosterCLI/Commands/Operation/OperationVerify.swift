import ArgumentParser
import RosterModel
import RosterStore

extension OperationSubcommand {
    /// `roster operation verify`: verifies the chain of the operation log, through the API or in the store itself.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that no event of the log was changed or removed, on a server or on the store itself.",
            discussion: """
                Prints the head of the chain. Keep it elsewhere, and give it to a later run with --head: that shows that
                nothing was cut off the end either.

                Example:
                  roster operation verify --data /var/lib/roster --head 12:9f86d081884c7d65…
                """)

        @OptionGroup var client: ClientOptions

        @Option(help: ArgumentHelp("A head that an earlier run printed.", valueName: "head"))
        var head: String?

        @OptionGroup(title: "Work on the store itself instead of asking a server") var data: StoreOptions

        func run() async throws {
            let (count, head) = if data.isGiven { try await local() } else { try await remote() }
            try Output.line("the operation log is whole: \(count) events")
            try Output.line("head: \(head)")
        }

        private func local() async throws -> (Int, String) {
            let opened = try await data.open(isMade: false)
            let expected = try head.map { try ChainHead($0) }
            let outcome = try await opened.store.walkLog(chaining: opened.sealKey, expecting: expected)
            do {
                let head = try outcome.get()
                return (Int(head.sequence), head.description)
            } catch {
                throw Self.broken("\(error)")
            }
        }

        private func remote() async throws -> (Int, String) {
            let body = try await client.open().get(
                path: "/api/operation/verify", parameters: head.map { [("head", $0)] } ?? [])
            let response = try ResponseEnvelope.decode(Response.self, from: body)
            guard let count = response.count, let head = response.head else {
                throw Self.broken((response.fault ?? "no reason given").sanitizedForDisplay(limit: 200))
            }
            return (count, head)
        }

        private static func broken(_ fault: String) -> CommandError {
            CommandError("the operation log is broken: \(fault)")
        }

        private struct Response: Decodable {
            let count: Int?
            let head: String?
            let fault: String?

            private enum CodingKeys: String, CodingKey {
                case count = "event_count"
                case head
                case fault
            }
        }
    }
}
