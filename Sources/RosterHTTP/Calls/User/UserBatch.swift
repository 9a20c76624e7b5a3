import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// What the calls about many users share: their members and their response.
struct UserBatch: Sendable {
    let outcomes: [UserBatchHandler.Outcome]
    let cluster: ClusterID
    /// Shows what the batch added.
    let directory: Directory

    static let parameters =
        .cluster + [
            ParameterDescription(
                "on_fault", .choice(UserBatchHandler.FaultPolicy.allCases.map(\.rawValue)),
                default: UserBatchHandler.FaultPolicy.refuse.rawValue,
                meaning: "refuse changes nothing if one user is refused; skip carries out the others.")
        ]

    /// The parameter that names users.
    static let usernames = ParameterDescription(
        "usernames", .names(maximum: UserBatchHandler.maximumCount), isRequired: true, example: "zhang,li",
        meaning: "The names of the users.")

    static let answer = [
        AnswerMember("done_count", .integer, meaning: "For how many users it was done."),
        AnswerMember(
            "outcome_set",
            .list(
                .named(
                    "Outcome",
                    [
                        AnswerMember(
                            "hpcuser_id", .text, isAlwaysPresent: false,
                            meaning: "The identifier of the user, if it exists now."),
                        AnswerMember("job_id", .jobID, meaning: "The job in the operation log."),
                        AnswerMember("message", .text, meaning: "Why it was refused; empty if it was done."),
                        AnswerMember("ret_code", .integer, meaning: "0 if it was done, or the error."),
                        AnswerMember(
                            "uid_number", .posixNumber, isAlwaysPresent: false,
                            meaning: "The uid of the user, if it exists now."),
                        AnswerMember("username", .text, meaning: "The name, as the request has it."),
                    ])), meaning: "What became of each user, in the order of the request."),
    ]

    func write(to json: inout JSONWriter) {
        let snapshot = directory.snapshot
        json.key("done_count")
        json.number(outcomes.count { $0.error == nil })
        json.key("outcome_set")
        json.array { json in
            for outcome in outcomes {
                json.object { json in
                    let user = outcome.error == nil ? snapshot.user(named: outcome.username, in: cluster) : nil
                    if let user {
                        json.key("hpcuser_id")
                        json.string(user.id.text)
                    }
                    json.key("job_id")
                    json.string(outcome.job.text)
                    json.key("message")
                    json.string(outcome.error?.message ?? "")
                    json.key("ret_code")
                    json.number(outcome.error?.returnCode ?? 0)
                    if let user {
                        json.key("uid_number")
                        json.string(String(user.uidNumber))
                    }
                    json.key("username")
                    json.string(outcome.username)
                }
            }
        }
    }
}

extension CommandBody {
    /// What happens if one of many users is refused.
    /// - Throws: `invalidParameter`.
    func faultPolicy() throws(RosterError) -> UserBatchHandler.FaultPolicy {
        try json.choice("on_fault", UserBatchHandler.FaultPolicy.self) ?? .refuse
    }

    /// The names of the users that a call is about.
    /// - Throws: `invalidParameter` if there are none, or too many.
    func usernames() throws(RosterError) -> [String] {
        let names = try json.names("usernames")
        guard !names.isEmpty else { throw .invalid("usernames", "is missing") }
        return names
    }
}

/// `POST /api/user/addUsers`: adds many users to a cluster. An addition to the vendor's API.
struct AddUsers: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/addUsers"
    static let action = "HpcUserAddUsersResponse"
    static let summary = "Adds many users to a cluster in one transaction."
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        UserBatch.parameters + [
            ParameterDescription(
                "users", .objects(maximum: UserBatchHandler.maximumCount, members), isRequired: true, example: "",
                meaning: "The new users.")
        ]

    static let answer = UserBatch.answer

    let handler: UserBatchHandler
    let directory: Directory

    /// What a new user may have. One without a password cannot log in.
    private static let members =
        AddUser.parameters.filter { ["username", "mod", "uid_number"].contains($0.name) }
        + [ParameterDescription("password", .text(maximumBytes: nil), meaning: "The password; none if it is absent.")]
        + ModifyUser.parameters.filter { ["expires", "login_shell", "gecos", "attributes"].contains($0.name) }

    private static let memberNames = Set(members.map(\.name))

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> UserBatch {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let onFault = try body.faultPolicy()
        let list: [JSONBody.Value]
        switch body.json.members["users"] {
        case nil, .null, .list([]): throw .invalid("users", "is missing")
        case .list(let users): list = users
        default: throw .invalid("users", "is not a list of users")
        }
        guard list.count <= UserBatchHandler.maximumCount else {
            throw .invalid("users", "has more than \(UserBatchHandler.maximumCount)")
        }
        let commands = try list.map { value throws(RosterError) in
            guard case .object(let members) = value else { throw .invalid("users", "is not a list of users") }
            return try Self.command(body.nested(members))
        }
        let outcomes = try await handler.execute(
            commands, cluster: cluster, zone: body.zone, onFault: onFault, by: request.actor)
        return UserBatch(outcomes: outcomes, cluster: cluster, directory: directory)
    }

    private static func command(_ user: CommandBody) throws(RosterError) -> UserCommand {
        let username = try user.text("username")
        do throws(RosterError) {
            if let unknown = user.json.members.keys.sorted().first(where: { !memberNames.contains($0) }) {
                throw .invalid(unknown.sanitizedForDisplay(), "is no member of a new user")
            }
            var fields = UserModification()
            if let expires = user.json.members["expires"], expires != .null {
                fields.expires = .some(try ParameterParsing.time(user.json.required("expires"), name: "expires"))
            }
            fields.loginShell = try user.json.optional("login_shell")
            fields.gecos = try user.json.optional("gecos")
            for (attribute, values) in try user.attributes("attributes") {
                fields.attributes[attribute, default: .init()].replacing = values
            }
            return .add(
                username: username, password: try user.json.optional("password"),
                mode: try user.json.optional("mod").map { text throws(RosterError) in try FileMode(text) },
                uidNumber: try user.json.posixNumber("uid_number"), fields: fields)
        } catch {
            throw RosterError(error.code, .parameter("users"), "\(username.sanitizedForDisplay()): \(error.message)")
        }
    }

    func write(_ outcome: UserBatch, to json: inout JSONWriter) { outcome.write(to: &json) }
}

/// `POST /api/user/modifyUsers`: changes the same of many users. An addition to the vendor's API.
struct ModifyUsers: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/modifyUsers"
    static let action = "HpcUserModifyUsersResponse"
    static let summary = "Changes the same of many users in one transaction."
    static let access = CallAccess.clusterAdministrator
    static let parameters =
        UserBatch.parameters + [UserBatch.usernames]
        + ModifyUser.parameters.filter {
            !["zone", "cluster_id", "username", "new_username", "new_password", "password"].contains($0.name)
        }

    static let answer = UserBatch.answer

    let handler: UserBatchHandler
    let directory: Directory

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> UserBatch {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let onFault = try body.faultPolicy()
        for name in ["new_username", "new_password", "password"] where body.json.members[name] != nil {
            throw .invalid(name, "is not the same for many users")
        }
        let modification = try body.userModification()
        let usernames = try body.usernames()
        guard !modification.isEmpty else {
            throw .invalid("state", "there is nothing to change, here or in another parameter")
        }
        let commands = usernames.map { UserCommand.modify(username: $0, modification) }
        let outcomes = try await handler.execute(
            commands, cluster: cluster, zone: body.zone, onFault: onFault, by: request.actor)
        return UserBatch(outcomes: outcomes, cluster: cluster, directory: directory)
    }

    func write(_ outcome: UserBatch, to json: inout JSONWriter) { outcome.write(to: &json) }
}

/// `POST /api/user/deleteUsers`: deletes many users. An addition to the vendor's API.
struct DeleteUsers: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/deleteUsers"
    static let action = "HpcUserDeleteUsersResponse"
    static let summary = "Deletes many users in one transaction."
    static let access = CallAccess.clusterAdministrator
    static let parameters = UserBatch.parameters + [UserBatch.usernames]

    static let answer = UserBatch.answer

    let handler: UserBatchHandler
    let directory: Directory

    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> UserBatch {
        let body = try CommandBody(request)
        let cluster = try body.cluster()
        let onFault = try body.faultPolicy()
        let commands = try body.usernames().map { UserCommand.delete(username: $0) }
        let outcomes = try await handler.execute(
            commands, cluster: cluster, zone: body.zone, onFault: onFault, by: request.actor)
        return UserBatch(outcomes: outcomes, cluster: cluster, directory: directory)
    }

    func write(_ outcome: UserBatch, to json: inout JSONWriter) { outcome.write(to: &json) }
}
