import ArgumentParser
import RosterModel

extension OperationSubcommand {
    /// `roster operation list`: lists jobs and their status.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List jobs and what came of them, the newest first.",
            discussion: """
                A day alone begins at its first second for --since, and ends at its last for --until, in the time zone of this
                machine. 2d is two days ago.

                Examples:
                  roster operation list --zone zone1 --status failed --since 2d
                  roster operation list --zone zone1 --user zhangsan --all
                  roster operation list --zone zone1 --action deleteuser --since 2026-11-01 --until 2026-11-30
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var page: PageOptions
        @OptionGroup var timeZone: TimeZoneOption

        @Option(help: ArgumentHelp("Only these jobs, separated by commas.", valueName: "j-…"))
        var jobs: String?

        @Option(help: "pending, successful or failed.")
        var status: String?

        @Option(
            name: [.customLong("action"), .customLong("job-action")],
            help: "AddUser, ModifyUser, DeleteUser, ImportUsers, …, whatever the case.")
        var action: String?

        @Option(
            help: ArgumentHelp(
                "Only jobs about this user, also under its former names, and about groups that it joined or left.",
                valueName: "name"), completion: .users)
        var user: String?

        @Option(help: ArgumentHelp("Only jobs about this cluster.", valueName: "hpc-…"), completion: .clusters)
        var clusterID: String?

        @Option(help: ArgumentHelp("Only jobs that this account asked for.", valueName: "usr-…"))
        var owner: String?

        @Option(
            name: [.customLong("since"), .customLong("start-time")],
            help: ArgumentHelp("Only jobs that began at this time or later.", valueName: "time"))
        var since: String?

        @Option(
            name: [.customLong("until"), .customLong("end-time")],
            help: ArgumentHelp("Only jobs that began at this time or earlier.", valueName: "time"))
        var until: String?

        @Option(help: ArgumentHelp("Only jobs that tell of this.", valueName: "word"))
        var searchWord: String?

        func run() async throws {
            try await list(
                Response.self, path: "/api/operation", by: client, page: page.reversed, parameters: try parameters())
        }

        func parameters() throws -> [(name: String, value: String?)] {
            func time(_ text: String?, flags: [String], day: TypedTime.DayPart) throws -> String? {
                let zone = try timeZone.zone
                return try text.map { text in
                    try TypedTime(flag: TypedFlag.name(among: flags), day: day, direction: .past, zone: zone)
                        .time(text).iso8601
                }
            }
            return [
                ("jobs", jobs), ("status", status), ("job_action", action), ("username", user),
                ("cluster_id", clusterID), ("owner", owner),
                ("start_time", try time(since, flags: ["--since", "--start-time"], day: .beginning)),
                ("end_time", try time(until, flags: ["--until", "--end-time"], day: .end)), ("search_word", searchWord),
            ]
        }

        private struct Response: TableResponse {
            let totalCount: Int
            let rows: [ResponseRow]

            private enum CodingKeys: String, CodingKey {
                case totalCount = "total_count"
                case rows = "job_set"
            }

            static let identity = ["job_id"]

            static let columns = [
                "job_id", "create_time", "job_action", "status", "error_codes", "resource_ids", "owner", "submitter",
                "action_describe",
            ]
        }
    }
}
