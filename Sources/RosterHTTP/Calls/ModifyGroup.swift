import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/group/modifyGroup`: Roster's own call beside the vendor's.
struct ModifyGroup: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/group/modifyGroup"
    static let action = "HpcGroupModifyGroupResponse"
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "group_name", .text(maximumBytes: 256), isRequired: true, meaning: "The name of the group."),
            ParameterDescription(
                "add_members", .names(maximum: 1000), meaning: "The names of users who join the group."),
            ParameterDescription(
                "remove_members", .names(maximum: 1000), meaning: "The names of users who leave the group."),
        ]

    let handler: GroupCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let name = try body.text("group_name")
        let added = try body.json.names("add_members")
        let removed = try body.json.names("remove_members")
        guard !added.isEmpty || !removed.isEmpty else {
            throw .invalid("add_members", "give names there or in remove_members")
        }
        let command = GroupCommand.modify(name: name, adding: added, removing: removed)
        return try await handler.execute(command, cluster: cluster, zone: body.zone, by: request.actor)
    }
}
