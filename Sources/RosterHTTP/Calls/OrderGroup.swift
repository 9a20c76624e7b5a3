import RosterDirectory
import RosterModel

/// `POST /api/group/createGroup`, `modifyGroup` and `deleteGroup`: Roster's own calls beside the vendor's.
struct OrderGroup {
    enum Call: String, CaseIterable {
        case createGroup, modifyGroup, deleteGroup

        /// The answer's `action`.
        var action: String {
            switch self {
            case .createGroup: "HpcGroupCreateGroupResponse"
            case .modifyGroup: "HpcGroupModifyGroupResponse"
            case .deleteGroup: "HpcGroupDeleteGroupResponse"
            }
        }
    }

    let call: Call
    let administration: GroupCommandHandler

    /// - Throws: `invalidParameter` for a member that is missing or malformed, then what
    ///   `GroupCommandHandler.execute` throws.
    func answer(_ caller: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try JSONBody(caller.request.body)
        let zone = try Zone(body.agreeing("zone", with: caller.request))
        let cluster = try ClusterID(body.agreeing("cluster_id", with: caller.request))
        let name = try body.required("group_name")
        guard name.utf8.count <= 256 else { throw .invalid("group_name", "is longer than 256 bytes") }
        let order = try order(name, body)
        return try await administration.execute(order, cluster: cluster, zone: zone, by: caller.actor)
    }

    private func order(_ name: String, _ body: JSONBody) throws(RosterError) -> GroupCommand {
        switch call {
        case .createGroup: return .create(name: name, gidNumber: try body.posixNumber("gid_number"))
        case .modifyGroup:
            let (adding, removing) = (try body.names("add_members"), try body.names("remove_members"))
            guard !adding.isEmpty || !removing.isEmpty else {
                throw .invalid("add_members", "give names there or in remove_members")
            }
            return .modify(name: name, adding: adding, removing: removing)
        case .deleteGroup: return .delete(name: name)
        }
    }
}
