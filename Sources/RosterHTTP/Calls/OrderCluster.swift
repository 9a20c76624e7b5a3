import RosterDirectory
import RosterModel

/// `POST /api/cluster/createCluster` and `modifyCluster`: Roster's own calls beside the vendor's list.
struct OrderCluster {
    enum Call: String, CaseIterable {
        case createCluster, modifyCluster

        /// The answer's `action`.
        var action: String {
            switch self {
            case .createCluster: "HpcClusterCreateClusterResponse"
            case .modifyCluster: "HpcClusterModifyClusterResponse"
            }
        }
    }

    let call: Call
    let administration: ClusterCommandHandler

    /// - Returns: the job, and the cluster that it is about.
    /// - Throws: `invalidParameter` for a member that is missing or malformed, then what `administration` throws.
    func answer(_ caller: AuthenticatedRequest) async throws(RosterError) -> (job: JobID, cluster: ClusterID) {
        let body = try JSONBody(caller.request.body)
        let zone = try Zone(body.agreeing("zone", with: caller.request))
        var order = ClusterCommand(id: try id(caller, body))
        order.name = try body.optional("cluster_name")
        order.nasMountPoint = try body.optional("nas_mount_point")
        order.homeTemplate = try body.optional("home_template")
        order.loginShell = try body.optional("login_shell")
        order.firstUID = try body.posixNumber("uid_first")
        order.lastUID = try body.posixNumber("uid_last")
        order.nameRule = try body.choice("name_rule", NameRule.self)
        order.passwordRule = try body.choice("password_rule", PasswordRule.self)
        order.description = try body.optional("description")
        order.groupName = try body.optional("group_name")
        order.gidNumber = try body.posixNumber("gid_number")
        try order.check()
        switch call {
        case .createCluster: return (try await administration.create(order, zone: zone, by: caller.actor), order.id)
        case .modifyCluster: return (try await administration.modify(order, zone: zone, by: caller.actor), order.id)
        }
    }

    private func id(_ caller: AuthenticatedRequest, _ body: JSONBody) throws(RosterError) -> ClusterID {
        let type = try body.choice("cluster_type", Cluster.Kind.self)
        if call == .createCluster, try body.optional("cluster_id") == nil, caller.request["cluster_id"] == nil {
            // From the request itself, so that the same request again is answered with the same cluster.
            let alphabet = Array(ClusterKind.alphabet.utf8)
            let digest = caller.actor.request?.digest ?? []
            let tail = digest.prefix(ClusterKind.madeLength).map { alphabet[Int($0) % alphabet.count] }
            return ClusterID(stored: "\((type ?? .hpc).rawValue)-\(String(decoding: tail, as: UTF8.self))")
        }
        let id = try ClusterID(body.agreeing("cluster_id", with: caller.request))
        if let type, !id.text.hasPrefix(type.rawValue + "-") {
            throw .invalid("cluster_type", "\(type.rawValue) is not the type of \(id)")
        }
        return id
    }
}
