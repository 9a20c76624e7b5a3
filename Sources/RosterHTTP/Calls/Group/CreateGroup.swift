import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/group/createGroup`: an addition to the vendor's API.
struct CreateGroup: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/group/createGroup"
    static let action = "HpcGroupCreateGroupResponse"
    static let summary = "Creates a supplementary group."
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "group_name", .text(maximumBytes: 256), isRequired: true, example: "optics",
                meaning: "The name of the new group."),
            ParameterDescription(
                "gid_number", .posixNumber,
                meaning: "The gid; the next free one if it is absent. Only operators and bosses may go outside the "
                    + "cluster's range of uids."),
        ]

    let handler: GroupCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let name = try body.text("group_name")
        let command = GroupCommand.create(name: name, gidNumber: try body.json.posixNumber("gid_number"))
        return try await handler.execute(command, cluster: cluster, zone: body.zone, by: request.actor)
    }
}
