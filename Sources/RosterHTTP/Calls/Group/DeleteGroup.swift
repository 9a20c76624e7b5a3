import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/group/deleteGroup`: an addition to the vendor's API.
struct DeleteGroup: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/group/deleteGroup"
    static let action = "HpcGroupDeleteGroupResponse"
    static let summary = "Deletes a supplementary group."
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "group_name", .text(maximumBytes: 256), isRequired: true, example: "optics",
                meaning: "The name of the group.")

        ]

    let handler: GroupCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let name = try body.text("group_name")
        let command = GroupCommand.delete(name: name)
        return try await handler.execute(command, cluster: cluster, zone: body.zone, by: request.actor)
    }
}
