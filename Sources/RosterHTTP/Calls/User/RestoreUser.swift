import HTTPTypes
import RosterDirectory
import RosterModel

/// `POST /api/user/restoreUser`: undoes the deletion of a user. An addition to the vendor's API.
struct RestoreUser: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/restoreUser"
    static let action = "HpcUserRestoreUserResponse"
    static let summary = "Restores a deleted user."
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "username", .text(maximumBytes: 256), isRequired: true, example: "zhang",
                meaning: "The name that the user had when it was deleted, ignoring case."),
            ParameterDescription(
                "hpcuser_id", .text(maximumBytes: 64),
                meaning: "Which of several deleted users of that name; the last deleted if it is absent."),
            ParameterDescription(
                "new_username", .username, meaning: "The name that it gets; the one that it had if it is absent."),
        ]
    static let answer =
        .job + [
            AnswerMember("message", .text, meaning: "What came back and what did not, as in the operation log.")
        ]
        + [
            AnswerMember("hpcuser_id", .text, meaning: "The identifier of the user, if it exists now."),
            AnswerMember("uid_number", .posixNumber, meaning: "The uid of the user, if it exists now."),
            AnswerMember("username", .text, meaning: "The name of the user, if it exists now."),
        ].optional

    let handler: UserRestorationHandler

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> UserRestorationHandler.Outcome {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let username = try body.text("username")
        let id = try body.json.optional("hpcuser_id").map { text throws(RosterError) in try HPCUserID(text) }
        let command = UserRestorationHandler.Command(
            username: username, id: id, newUsername: try body.json.optional("new_username"))
        return try await handler.execute(command, cluster: cluster, zone: body.zone, by: request.actor)
    }

    func write(_ outcome: UserRestorationHandler.Outcome, to json: inout JSONWriter) {
        json.key("job_id")
        json.string(outcome.job.text)
        json.key("message")
        json.string(outcome.message)
        guard let user = outcome.user else { return }
        json.key("hpcuser_id")
        json.string(user.id.text)
        json.key("uid_number")
        json.string(String(user.uidNumber))
        json.key("username")
        json.string(user.username.text)
    }
}
