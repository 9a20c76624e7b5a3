import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/user/deleteUser` (reference page, section 7).
struct DeleteUser: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/deleteUser"
    static let action = "HpcUserDeleteUserResponse"
    static let summary = "Deletes a user."
    static let isVendors = true
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "username", .text(maximumBytes: 256), isRequired: true, example: "zhang",
                meaning: "The name of the user.")
        ]

    let handler: UserCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        return try await handler.execute(
            .delete(username: try body.text("username")), cluster: cluster, zone: body.zone, by: request.actor)
    }
}
