import ArgumentParser
import RosterModel
import RosterStore

extension UIDSubcommand {
    /// `roster uid history`: prints who has or had a uid, through the API or from the store itself.
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell who has or had a uid.",
            discussion: """
                Examples:
                  roster uid history --zone zone1 --cluster-id hpc-qig9xu97 --uid-number 10432 --at 2026-05-01
                  roster uid history --data /var/lib/roster --cluster-id hpc-qig9xu97 --uid-number 10432
                """)

        @OptionGroup var client: ClientOptions

        @OptionGroup var cluster: ClusterOption

        @Option(help: "The number.")
        var uidNumber: String

        @Option(help: ArgumentHelp("Who had it at this moment; at any where not said.", valueName: "time"))
        var at: String?

        @OptionGroup var timeZone: TimeZoneOption

        @OptionGroup(title: "Work on the store itself instead of asking a server") var data: StoreOptions

        private static let columns = ["uid_number", "username", "hpcuser_id", "from_time", "until_time"]

        func run() async throws {
            var table = Table(Self.columns)
            let (clusterID, rows) = if data.isGiven { try await local() } else { try await remote() }
            guard !rows.isEmpty else {
                try Output.line(
                    "uid \(uidNumber) belonged to nobody in cluster \(clusterID)\(at.map { " at \($0)" } ?? "")")
                return
            }
            for row in rows { table.add(row) }
            try Output.raw(table.text)
        }

        /// The cluster, and the rows about the uid in it.
        private func local() async throws -> (String, [[String]]) {
            guard let clusterID = cluster.given else { throw CommandError("--cluster-id is needed with a store") }
            let id = try ClusterID(clusterID)
            let number = try User.posixNumber(uidNumber, name: "uid_number")
            let time = try moment
            guard let allocation = try await data.open(isMade: false).store.allocation(of: number, kind: .uid, in: id),
                allocation.holds(at: time)
            else { return (clusterID, []) }
            let row = [
                String(allocation.number), allocation.name, allocation.holder, allocation.from.iso8601,
                allocation.until?.iso8601 ?? "-",
            ]
            return (clusterID, [row])
        }

        private var moment: Timestamp? {
            get throws {
                let zone = try timeZone.zone
                return try at.map { text in
                    try TypedTime(flag: "--at", day: .beginning, direction: .past, zone: zone).time(text)
                }
            }
        }

        private func remote() async throws -> (String, [[String]]) {
            let connection = try await client.open()
            let clusterID = try await cluster.id(connection)
            let parameters =
                [("cluster_id", clusterID), ("uid_number", uidNumber)] + (try moment.map { [("at", $0.iso8601)] } ?? [])
            let body = try await connection.get(path: "/api/user/uidHistory", parameters: parameters)
            let response = try ResponseEnvelope.decode(Response.self, from: body)
            return (clusterID, response.holders.map { $0.cells(of: Self.columns) })
        }

        private struct Response: Decodable {
            let holders: [ResponseRow]

            private enum CodingKeys: String, CodingKey {
                case holders = "holder_set"
            }
        }
    }
}
