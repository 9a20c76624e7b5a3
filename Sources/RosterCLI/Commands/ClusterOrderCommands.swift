import ArgumentParser
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot
import RosterStore

/// What a cluster may be told to be.
struct ClusterSettingOptions: ParsableArguments {
    @Option(help: "What people call it; its identifier where not said.")
    var clusterName: String?

    @Option(help: ArgumentHelp("Its mount of the shared file system.", valueName: "path"))
    var nasMountPoint: String?

    @Option(help: ArgumentHelp("How homes are named.", discussion: "Default {nas_mount_point}/home/{username}."))
    var homeTemplate: String?

    @Option(help: "The login shell of users that are added; default /bin/bash.")
    var loginShell: String?

    @Option(help: "The first uid of users that are added; default 10000.")
    var uidFirst: String?

    @Option(help: "The last uid of users that are added; default 59999.")
    var uidLast: String?

    @Option(help: "portable (default) or vendor: what the names of added users must look like.")
    var nameRule: String?

    @Option(help: "standard (default) or vendor: what passwords must look like.")
    var passwordRule: String?

    @Option(help: "A line about it.")
    var description: String?

    /// The members of the API's body.
    var members: [String: String] {
        [
            "cluster_name": clusterName, "nas_mount_point": nasMountPoint, "home_template": homeTemplate,
            "login_shell": loginShell, "uid_first": uidFirst, "uid_last": uidLast, "name_rule": nameRule,
            "password_rule": passwordRule, "description": description,
        ].compactMapValues { $0 }
    }

    /// The same as an order on the store itself.
    /// - Throws: `RosterError`, `CommandError` where a setting is malformed.
    func order(_ id: ClusterID) throws -> ClusterCommand {
        var order = ClusterCommand(id: id)
        order.name = clusterName
        order.nasMountPoint = nasMountPoint
        order.homeTemplate = homeTemplate
        order.loginShell = loginShell
        order.firstUID = try uidFirst.map { try User.posixNumber($0, name: "uid_first") }
        order.lastUID = try uidLast.map { try User.posixNumber($0, name: "uid_last") }
        order.nameRule = try nameRule.map { try Self.choice($0, "--name-rule") }
        order.passwordRule = try passwordRule.map { try Self.choice($0, "--password-rule") }
        order.description = description
        return order
    }

    private static func choice<Value: CaseIterable & RawRepresentable<String>>(
        _ text: String, _ flag: String
    ) throws -> Value {
        guard let value = Value(rawValue: text) else {
            throw CommandError("\(flag) must be \(Value.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return value
    }
}

private struct ClusterAnswer: Decodable {
    let cluster: String
    let job: String

    private enum CodingKeys: String, CodingKey {
        case cluster = "cluster_id"
        case job = "job_id"
    }
}

extension ClusterSubcommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a cluster, on a server or on the store itself.",
            discussion: """
                Examples:
                  roster cluster create --data /var/lib/roster --zone zone1 --nas-mount-point /public/s0723
                  roster cluster create --zone zone1 --cluster-name physics --uid-first 20000 --uid-last 29999
                """)

        @OptionGroup var client: ClientOptions
        @OptionGroup var settings: ClusterSettingOptions

        @Option(help: ArgumentHelp("Its identifier; made where not said.", valueName: "hpc-…"))
        var clusterID: String?

        @Option(help: "hpc (default) or ehpc.")
        var clusterType: String?

        @Option(help: "The name of its own group; its identifier where not said.")
        var groupName: String?

        @Option(help: "The gid of its own group; the first uid where not said.")
        var gidNumber: String?

        @OptionGroup(title: "Work on the store itself instead of asking a server") var data: StoreOptions

        func run() async throws {
            if data.isGiven {
                try await createLocally()
                return
            }
            var members = settings.members
            members["cluster_id"] = clusterID
            members["cluster_type"] = clusterType
            members["group_name"] = groupName
            members["gid_number"] = gidNumber
            let body = try await client.open().post(path: "/api/cluster/createCluster", body: RequestBody(members))
            let answer = try APIAnswer.decode(ClusterAnswer.self, from: body)
            try Output.line("made \(answer.cluster), job \(answer.job)")
        }

        private func createLocally() async throws {
            guard let zone = client.zone else { throw ValidationError("With --data or --store, give --zone too.") }
            guard let type = Cluster.Kind(rawValue: clusterType ?? Cluster.Kind.hpc.rawValue) else {
                throw CommandError("--cluster-type must be hpc or ehpc")
            }
            let id = try clusterID.map { try ClusterID($0) } ?? .make(prefix: type.rawValue + "-")
            var order = try settings.order(id)
            order.groupName = groupName
            order.gidNumber = try gidNumber.map { try User.posixNumber($0, name: "gid_number") }
            let store = try await data.open().store
            let basis = try await store.importBasis(for: [id], ids: [])
            guard basis.clusters.isEmpty else { throw CommandError("cluster \(id) is there already") }
            var change = try order.creation(in: try Zone(zone), now: .now)
            change.events = [LocalAudit.event("CreateCluster", resources: [id.text], clusters: [id])]
            _ = try await store.commit(change, ifNewest: basis.revision)
            try Output.line("made \(id)")
        }
    }

    struct Modify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is given to users that are added from now on.",
            discussion: "Example:\n  roster cluster modify --zone zone1 --uid-last 39999 hpc-qig9xu97")

        @OptionGroup var client: ClientOptions
        @OptionGroup var settings: ClusterSettingOptions

        @Argument(help: ArgumentHelp("The cluster.", valueName: "hpc-…"))
        var clusterID: String

        func run() async throws {
            var members = settings.members
            members["cluster_id"] = clusterID
            let body = try await client.open().post(path: "/api/cluster/modifyCluster", body: RequestBody(members))
            let answer = try APIAnswer.decode(ClusterAnswer.self, from: body)
            try Output.line("changed \(answer.cluster), job \(answer.job)")
        }
    }
}

struct UIDSubcommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uid", abstract: "Ask the ledger of numbers.", subcommands: [History.self])

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell who has or had a uid.",
            discussion: """
                Examples:
                  roster uid history --zone zone1 --cluster-id hpc-qig9xu97 --uid-number 10432 --at 2026-05-01T00:00:00Z
                  roster uid history --data /var/lib/roster --cluster-id hpc-qig9xu97 --uid-number 10432
                """)

        @OptionGroup var client: ClientOptions

        @Option(help: ArgumentHelp("The cluster.", valueName: "hpc-…"))
        var clusterID: String

        @Option(help: "The number.")
        var uidNumber: String

        @Option(help: ArgumentHelp("Who had it at this moment; at any where not said.", valueName: "time"))
        var at: String?

        @OptionGroup(title: "Work on the store itself instead of asking a server") var data: StoreOptions

        private static let columns = ["uid_number", "username", "hpcuser_id", "from_time", "until_time"]

        func run() async throws {
            var table = Table(Self.columns)
            let rows = if data.isGiven { try await local() } else { try await remote() }
            guard !rows.isEmpty else {
                try Output.line(
                    "uid \(uidNumber) belonged to nobody in cluster \(clusterID)\(at.map { " at \($0)" } ?? "")")
                return
            }
            for row in rows { table.add(row) }
            try Output.raw(table.text)
        }

        private func local() async throws -> [[String]] {
            let id = try ClusterID(clusterID)
            let number = try User.posixNumber(uidNumber, name: "uid_number")
            let time = try at.map { text in
                guard let time = Timestamp(iso8601: text) else {
                    throw CommandError("--at is not a time such as 2026-05-01T00:00:00Z")
                }
                return time
            }
            guard let allocation = try await data.open().store.allocation(of: number, kind: .uid, in: id),
                allocation.holds(at: time)
            else { return [] }
            return [
                [
                    String(allocation.number), allocation.name, allocation.holder, allocation.from.iso8601,
                    allocation.until?.iso8601 ?? "-",
                ]
            ]
        }

        private func remote() async throws -> [[String]] {
            let parameters = [("cluster_id", clusterID), ("uid_number", uidNumber)] + (at.map { [("at", $0)] } ?? [])
            let body = try await client.open().get(path: "/api/user/uidHistory", parameters: parameters)
            return try APIAnswer.decode(Answer.self, from: body).holders.map { $0.cells(of: Self.columns) }
        }

        private struct Answer: Decodable {
            let holders: [AnswerRow]

            private enum CodingKeys: String, CodingKey {
                case holders = "holder_set"
            }
        }
    }
}
