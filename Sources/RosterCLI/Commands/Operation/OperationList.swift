import ArgumentParser

extension OperationSubcommand {
    /// `roster operation list`: lists jobs and their status.
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
                Response.self, path: "/api/operation", client, page,
                [
                    ("jobs", jobs), ("status", status), ("job_action", jobAction), ("owner", owner),
                    ("start_time", startTime), ("end_time", endTime), ("search_word", searchWord),
                ])
        }

        private struct Response: TableResponse {
            let totalCount: Int
            let rows: [ResponseRow]

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
}
