import ArgumentParser
import RosterDirectory
import RosterModel
import RosterStore

extension ClusterSubcommand {
    /// `roster cluster create`: creates a cluster, through the API or in the store itself.
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
            let response = try ResponseEnvelope.decode(ClusterResponse.self, from: body)
            try Output.line("made \(response.cluster), job \(response.job)")
        }

        private func createLocally() async throws {
            guard let zone = client.zone else { throw ValidationError("With --data or --store, give --zone too.") }
            guard let type = Cluster.Kind(rawValue: clusterType ?? Cluster.Kind.hpc.rawValue) else {
                throw CommandError("--cluster-type must be hpc or ehpc")
            }
            let id = try clusterID.map { try ClusterID($0) } ?? .make(prefix: type.rawValue + "-")
            var command = try settings.command(id)
            command.groupName = groupName
            command.gidNumber = try gidNumber.map { try User.posixNumber($0, name: "gid_number") }
            let store = try await data.open().store
            let basis = try await store.importBasis(for: [id], ids: [])
            guard basis.clusters.isEmpty else { throw CommandError("cluster \(id) is there already") }
            var change = try command.creation(in: try Zone(zone), now: .now)
            change.events = [LocalAudit.event("CreateCluster", resources: [id.text], clusters: [id])]
            _ = try await store.commit(change, ifNewest: basis.revision)
            try Output.line("made \(id)")
        }
    }
}
