import Roster

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
    let administration: ClusterAdministration

    /// - Returns: the job, and the cluster that it is about.
    /// - Throws: `invalidParameter` for a member that is missing or malformed, then what `administration` throws.
    func answer(_ caller: Caller) async throws(RosterError) -> (job: JobID, cluster: ClusterID) {
        let body = try JSONBody(caller.request.body)
        let zone = try Zone(body.agreeing("zone", with: caller.request))
        var order: ClusterOrder
        switch (call, try body.optional("cluster_id")) {
        case (.createCluster, nil):
            let type = try body.choice("cluster_type", Cluster.Kind.self) ?? .hpc
            order = ClusterOrder(id: .make(prefix: type.rawValue + "-"))
        default: order = ClusterOrder(id: try ClusterID(body.agreeing("cluster_id", with: caller.request)))
        }
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
        switch call {
        case .createCluster: return (try await administration.create(order, zone: zone, by: caller.asker), order.id)
        case .modifyCluster: return (try await administration.modify(order, zone: zone, by: caller.asker), order.id)
        }
    }
}
