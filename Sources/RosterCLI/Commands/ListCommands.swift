import ArgumentParser
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot
import RosterStore

/// The options of every list: which page, and in which form.
struct PageOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "How many a page has, at most 100; default 10.")
    var limit: String?

    @Option(parsing: .unconditional, help: "How many to pass over.")
    var offset: String?

    @Flag(help: "Turn the order round.")
    var reverse = false

    @Flag(help: "Print the answer as it came.")
    var json = false

    var parameters: [(name: String, value: String?)] {
        [("limit", limit), ("offset", offset), ("reverse", reverse ? "1" : nil)]
    }
}

/// Asks for one page of a list and prints it.
func list<Answer: TableAnswer>(
    _ type: Answer.Type, path: String, _ client: ClientOptions, _ page: PageOptions,
    _ parameters: [(name: String, value: String?)]
) async throws {
    let given = (parameters + page.parameters).compactMap { name, value in value.map { (name: name, value: $0) } }
    let body = try await client.open().get(path: path, parameters: given)
    if page.json { try Output.raw(String(decoding: body, as: UTF8.self) + "\n") }
    let answer = try APIAnswer.decode(Answer.self, from: body)
    guard !page.json else { return }
    var table = Table(Answer.columns)
    for row in answer.rows { table.add(row.cells(of: Answer.columns)) }
    try Output.raw(table.text)
    Output.note("\(answer.rows.count) of \(answer.totalCount)")
}

/// An answer that shows as a table.
protocol TableAnswer: Decodable {
    static var columns: [String] { get }
    var totalCount: Int { get }
    var rows: [AnswerRow] { get }
}

struct ClusterSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "List clusters, make them, change them.",
        subcommands: [List.self, Create.self, Modify.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the clusters that the key may see.",
            discussion: "Example:\n  roster cluster list --zone zone1")

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions

        @Option(help: "hpc or ehpc.")
        var clusterType: String?

        @Option(help: ArgumentHelp("Only names or identifiers that hold this.", valueName: "word"))
        var searchWord: String?

        @Option(help: "create_time (default) or cluster_name.")
        var sortKey: String?

        func run() async throws {
            try await list(
                Answer.self, path: "/api/cluster/list", client, page,
                [("cluster_type", clusterType), ("search_word", searchWord), ("sort_key", sortKey)])
        }

        private struct Answer: TableAnswer {
            let totalCount: Int
            let rows: [AnswerRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "cluster_set"
            }

            static let columns = ["cluster_id", "cluster_name", "cluster_type", "nas_mount_point", "create_time"]
        }
    }
}

struct OperationSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operation", abstract: "Look at the operation log.", subcommands: [List.self, Verify.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List jobs and what came of them.",
            discussion: "Example:\n  roster operation list --zone zone1 --status failed --reverse")

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions

        @Option(help: ArgumentHelp("Only these jobs, separated by commas.", valueName: "j-…"))
        var jobs: String?

        @Option(help: "pending, successful or failed.")
        var status: String?

        @Option(help: "AddUser, ModifyUser, DeleteUser, ImportUsers, …")
        var jobAction: String?

        @Option(help: ArgumentHelp("Only jobs that this account asked for.", valueName: "usr-…"))
        var owner: String?

        @Option(help: "Only jobs that began at this time or later.")
        var startTime: String?

        @Option(help: "Only jobs that began at this time or earlier.")
        var endTime: String?

        @Option(help: ArgumentHelp("Only jobs that tell of this.", valueName: "word"))
        var searchWord: String?

        func run() async throws {
            try await list(
                Answer.self, path: "/api/operation", client, page,
                [
                    ("jobs", jobs), ("status", status), ("job_action", jobAction), ("owner", owner),
                    ("start_time", startTime), ("end_time", endTime), ("search_word", searchWord),
                ])
        }

        private struct Answer: TableAnswer {
            let totalCount: Int
            let rows: [AnswerRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "job_set"
            }

            static let columns = [
                "job_id", "create_time", "job_action", "status", "error_codes", "resource_ids", "owner", "submitter",
                "action_describe",
            ]
        }
    }

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
            let opened = try await data.open()
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
            let answer = try APIAnswer.decode(Answer.self, from: body)
            guard let count = answer.count, let head = answer.head else {
                throw Self.broken((answer.fault ?? "no reason given").sanitizedForDisplay(limit: 200))
            }
            return (count, head)
        }

        private static func broken(_ fault: String) -> CommandError {
            CommandError("the operation log is broken: \(fault)")
        }

        private struct Answer: Decodable {
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
