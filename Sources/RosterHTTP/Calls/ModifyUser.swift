import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/user/modifyUser` (reference page, section 6).
struct ModifyUser: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/modifyUser"
    static let action = "HpcUserModifyUserResponse"
    static let access = CallAccess.ownUserOrClusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "username", .text(maximumBytes: 256), isRequired: true, meaning: "The name of the user."),
            ParameterDescription(
                "new_password", .text(maximumBytes: 256),
                meaning: "The new password. A request has exactly one of new_password, state and expires."),
            ParameterDescription(
                "password", .text(maximumBytes: nil), meaning: "The present password, beside new_password."),
            ParameterDescription(
                "state", .choice(User.State.allCases.map(\.rawValue)), meaning: "The new state of the user."),
            ParameterDescription("expires", .time, meaning: "When the user expires; null is never."),
        ]

    let handler: UserCommandHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let command = try Self.command(username: try body.text("username"), body)
        return try await handler.execute(command, cluster: cluster, zone: body.zone, by: request.actor)
    }

    /// Exactly one of a new password, a state and an expiry.
    private static func command(username: String, _ body: CommandBody) throws(RosterError) -> UserCommand {
        let state = try body.json.choice("state", User.State.self)
        let members = body.json.members
        guard ["new_password", "state", "expires"].count(where: { members[$0] != nil }) == 1 else {
            throw .invalid("new_password", "give one of new_password, state and expires")
        }
        if let state { return .setState(username: username, state: state) }
        if let expires = members["expires"] {
            if expires == .null { return .setExpiry(username: username, expires: nil) }
            let time = try ParameterParsing.time(body.json.required("expires"), name: "expires")
            return .setExpiry(username: username, expires: time)
        }
        return .setPassword(
            username: username, password: try body.text("new_password"), present: try body.json.optional("password"))
    }
}
