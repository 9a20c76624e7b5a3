import ArgumentParser
import Foundation
import RosterModel
import RosterStore

extension OperationSubcommand {
    /// `roster operation export`: prints the events of the operation log as JSON lines, through the API or from the
    /// store itself.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the events of the log as JSON, one a line, as their chain covers them.",
            discussion: """
                Keep them on another machine, where Examples/log/verify.py proves with the key of the chain that none was
                changed, removed or added. The number of the last event, which is printed at the end, is the --after of the
                next export.

                Examples:
                  roster operation export --zone zone1 --after 120 > more.jsonl
                  roster operation export --data /var/lib/roster > log.jsonl
                """)

        @OptionGroup var client: ClientOptions

        @Option(help: ArgumentHelp("Only events after the one of this number.", valueName: "number"))
        var after: Int64 = 0

        @OptionGroup(title: "Work on the store itself instead of asking a server") var data: StoreOptions

        func validate() throws {
            guard after >= 0 else { throw ValidationError("--after: \(after) is not the number of an event") }
        }

        func run() async throws {
            let next = if data.isGiven { try await local() } else { try await remote() }
            var (last, count) = (after, 0)
            while case let events = try await next(last), let newest = events.last?.sequence {
                var lines: [UInt8] = []
                for event in events {
                    guard event.sequence == last + 1 else { throw CommandError("event \(last + 1) is missing") }
                    lines += try event.line
                    last = event.sequence
                }
                try Output.raw(lines)
                count += events.count
                last = newest
            }
            Output.printDiagnostic(
                "\(count) events"
                    + (count == 0 ? ", none after \(after)" : ", \(after + 1) to \(last)"))
        }

        private typealias Page = (_ after: Int64) async throws -> [ExportedEvent]

        private func local() async throws -> Page {
            let store = try await data.open(isMade: false).store
            return { after in try await store.events(after: after, limit: 1000).map(ExportedEvent.init) }
        }

        private func remote() async throws -> Page {
            let connection = try await client.open()
            return { after in
                let body = try await connection.get(
                    path: "/api/operation/events", parameters: [("after", String(after)), ("limit", "1000")])
                return try ResponseEnvelope.decode(Response.self, from: body).events
            }
        }

        private struct Response: Decodable {
            let events: [ExportedEvent]

            private enum CodingKeys: String, CodingKey {
                case events = "event_set"
            }
        }
    }

    /// An event with every field that its code covers, in the names of the API.
    struct ExportedEvent: Codable {
        let action: String
        let clusters: [String]
        let code: String
        let error: String?
        let job: String
        let message: String
        let origin: String
        let owner: String?
        let resources: [String]
        let sequence: Int64
        let status: String
        let submitter: String
        let time: String

        init(_ logged: LoggedEvent) {
            let event = logged.event
            (action, clusters, code) = (event.action, event.clusters.map(\.text), Hex.text(logged.code))
            (error, job, message) = (event.error?.rawValue, event.job.text, event.message)
            (origin, owner, resources) = (event.origin, event.owner?.text, event.resources)
            (sequence, status) = (logged.sequence, event.status.rawValue)
            (submitter, time) = (event.submitter, event.time.iso8601)
        }

        /// The event as one line of JSON.
        var line: [UInt8] {
            get throws {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
            }
        }

        private enum CodingKeys: String, CodingKey {
            case action, clusters, code, error, message, origin, owner, resources, sequence, status, submitter, time
            case job = "job_id"
        }
    }
}
