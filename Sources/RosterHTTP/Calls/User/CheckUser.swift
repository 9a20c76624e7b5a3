import HTTPTypes
import RosterDirectory
import RosterModel
import RosterServing
import RosterSnapshot

/// `POST /api/user/checkUser`: the first thing that stops a user from logging in. An addition to the vendor's API. It
/// is a POST because a query, which proxies log, is no place for a password.
struct CheckUser: StoreCall {
    static let method = HTTPRequest.Method.post
    static let path = "/api/user/checkUser"
    static let action = "HpcUserCheckUserResponse"
    static let summary = "Says the first thing that stops a user from logging in."
    static let access = CallAccess.ownUserOrClusterAdministrator
    static let parameters =
        .cluster + [
            ParameterDescription(
                "username", .text(maximumBytes: 256), isRequired: true, example: "zhang",
                meaning: "The name that the user types."),
            ParameterDescription(
                "password", .text(maximumBytes: 256),
                meaning: "The password that the user types; it is not checked if it is absent."),
        ]

    static let answer = [
        AnswerMember("can_log_in", .boolean, meaning: "True if nothing was found."),
        AnswerMember("explanation", .text, meaning: "One sentence: what it is and what to do."),
        AnswerMember(
            "last_tries", .list(.named("LoginTry", LoginRegister.Try.members)),
            meaning: "The last logins of the user that this server still knows, at most ten, the last one first."),
        AnswerMember("near_names", .list(.text), meaning: "Of an unknown name: up to three names of users like it."),
        AnswerMember("password_checked", .boolean, meaning: "Whether the password was checked."),
        AnswerMember(
            "reason", .optional(.choice(LoginObstacle.reasons)),
            meaning: "The first thing that was found; null if nothing was."),
        AnswerMember(
            "time", .optional(.time), meaning: "Since when or until when it holds; null if that is not known."),
        AnswerMember("username", .text, meaning: "The name of the user, or the name that was asked for."),
    ]

    let checker: LoginChecker
    let failures: FailureCounter
    let logins: LoginRegister

    /// How long the answer to a wrong password waits, once its address has failed too often: as over LDAP.
    private static let suspectDelay = Duration.seconds(1)

    struct Outcome: Sendable {
        let name: String
        let cluster: ClusterID
        /// Nil if the caller sees no such user.
        let user: User?
        /// Nil if nothing was found.
        let obstacle: LoginObstacle?
        let isPasswordChecked: Bool
        let lastTries: [LoginRegister.Try]
        /// Whether the caller may know who locked the user.
        let showsLog: Bool
    }

    /// - Throws: `invalidParameter`, `notFound`; `permissionDenied` for a reader key; `busy` if too many passwords are
    ///   being hashed.
    func perform(_ request: AuthenticatedRequest) async throws(RosterError) -> Outcome {
        let body = try CommandBody(request)
        let id = try body.cluster()
        let name = try body.text("username")
        let password = body.json.members["password"] == nil ? nil : try body.text("password")
        let snapshot = request.snapshot
        let visibility = try snapshot.cluster(id, in: body.zone, scope: request.scope).visibility
        try request.actor.authorization.requireLoginCheck()
        func outcome(_ user: User?, _ obstacle: LoginObstacle?, checked: Bool = false) -> Outcome {
            Outcome(
                name: name, cluster: id, user: user, obstacle: obstacle, isPasswordChecked: checked,
                lastTries: user.map { logins.lastTries(of: $0.id) } ?? [], showsLog: visibility == .all)
        }
        guard let row = snapshot.row(named: name, in: id), visibility.lets(see: row) else {
            return outcome(
                nil, .unknown(near: checker.namesNear(name, in: id, visibility: visibility, of: snapshot)))
        }
        let user = row.user
        if let obstacle = await checker.obstacle(of: user) { return outcome(user, obstacle) }
        if let password, let obstacle = try await self.obstacle(password, of: user, request) {
            return outcome(user, obstacle, checked: true)
        }
        return outcome(user, await checker.laterObstacle(of: user), checked: password != nil)
    }

    /// Verifies a password. A wrong one is counted as if it had come over LDAP.
    /// - Returns: nil if it is right.
    private func obstacle(
        _ password: String, of user: User, _ request: AuthenticatedRequest
    ) async throws(RosterError) -> LoginObstacle? {
        let address = request.actor.origin
        let client = failures.hashingClient(address: address, now: .now)
        if try await checker.verify(password, of: user, for: client) {
            logins.record(user.id, over: .http, client: address, refusal: nil)
            return nil
        }
        logins.record(user.id, over: .http, client: address, refusal: LoginObstacle.wrongPassword.reason)
        if client.isSuspect { try? await Task.sleep(for: Self.suspectDelay) }
        let name = FailureCounter.name(ofUser: user.username.text, in: user.cluster)
        switch failures.recordFailure(address: address, name: name, now: .now) {
        case .allowed: return .wrongPassword
        case .refused(let seconds):
            return .throttled(until: Timestamp(seconds: request.now.seconds + Int64(seconds)))
        }
    }

    func write(_ outcome: Outcome, to json: inout JSONWriter) {
        let obstacle = outcome.obstacle
        json.key("can_log_in")
        json.boolean(obstacle == nil)
        json.key("explanation")
        json.string(outcome.explanation)
        json.key("last_tries")
        json.array { json in
            for one in outcome.lastTries { one.write(to: &json) }
        }
        json.key("near_names")
        json.array { json in
            if case .unknown(let near) = obstacle { for name in near { json.string(name.text) } }
        }
        json.key("password_checked")
        json.boolean(outcome.isPasswordChecked)
        json.key("reason")
        if let obstacle { json.string(obstacle.reason) } else { json.null() }
        json.key("time")
        if let time = obstacle?.time { json.time(time) } else { json.null() }
        json.key("username")
        json.string(outcome.user?.username.text ?? outcome.name)
    }
}

extension LoginRegister.Try {
    /// The members that `write` writes.
    static let members = [
        AnswerMember("client", .text, meaning: "The address of the client."),
        AnswerMember("over", .choice(LoginRecord.Server.allCases.map(\.rawValue)), meaning: "The server."),
        AnswerMember(
            "reason", .optional(.choice(LoginObstacle.reasons)), meaning: "Why it was refused; null if it was not."),
        AnswerMember("time", .time, meaning: "When it was."),
    ]

    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("client")
            json.string(client)
            json.key("over")
            json.string(server.rawValue)
            json.key("reason")
            if let refusal { json.string(refusal) } else { json.null() }
            json.key("time")
            json.time(time)
        }
    }
}
