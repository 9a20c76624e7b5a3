import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/user/addUser` (reference page, section 5).
struct AddUser: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/addUser"
    static let action = "HpcUserAddUserResponse"
    static let summary = "Adds a user to a cluster."
    static let isVendors = true
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "username", .text(maximumBytes: 256), isRequired: true, example: "zhang",
                meaning: "The name of the new user."),
            ParameterDescription(
                "password", .text(maximumBytes: 256), isRequired: true, example: "Example2021Pass",
                meaning: "The password of the new user."),
            ParameterDescription("mod", .fileMode, meaning: "The mode of the home directory, in octal."),
            ParameterDescription(
                "uid_number", .posixNumber,
                meaning: "The uid; the next free one if it is absent. Only operators and bosses may go outside the "
                    + "cluster's range."),
        ]

    let handler: UserCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let username = try body.text("username")
        var mode: FileMode?
        if let text = try body.json.optional("mod") { mode = try FileMode(text) }
        let command = UserCommand.add(
            username: username, password: try body.text("password"), mode: mode,
            uidNumber: try body.json.posixNumber("uid_number"))
        return try await handler.execute(command, cluster: cluster, zone: body.zone, by: request.actor)
    }
}
