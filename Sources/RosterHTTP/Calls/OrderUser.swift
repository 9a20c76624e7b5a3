import RosterDirectory
import RosterModel

/// `POST /api/user/addUser`, `modifyUser` and `deleteUser` (reference page, sections 5 to 7).
struct OrderUser {
    enum Call: String, CaseIterable {
        case addUser, modifyUser, deleteUser

        /// The answer's `action`.
        var action: String {
            switch self {
            case .addUser: "HpcUserAddUserResponse"
            case .modifyUser: "HpcUserModifyUserResponse"
            case .deleteUser: "HpcUserDeleteUserResponse"
            }
        }
    }

    let call: Call
    let administration: UserCommandHandler

    /// - Throws: `invalidParameter` for a member that is missing or malformed, then what
    ///   `UserCommandHandler.execute` throws.
    func answer(_ caller: AuthenticatedRequest) async throws(RosterError) -> JobID {
        let body = try JSONBody(caller.request.body)
        let zone = try Zone(body.agreeing("zone", with: caller.request))
        let cluster = try ClusterID(body.agreeing("cluster_id", with: caller.request))
        let username = try body.required("username")
        guard username.utf8.count <= 256 else { throw .invalid("username", "is longer than 256 bytes") }
        let order = try order(username, body)
        return try await administration.execute(order, cluster: cluster, zone: zone, by: caller.actor)
    }

    private func order(_ username: String, _ body: JSONBody) throws(RosterError) -> UserCommand {
        switch call {
        case .addUser:
            var mode: FileMode?
            if let text = try body.optional("mod") { mode = try FileMode(text) }
            return .add(
                username: username, password: try Self.password("password", body), mode: mode,
                uidNumber: try body.posixNumber("uid_number"))
        case .deleteUser: return .delete(username: username)
        case .modifyUser: return try modification(username, body)
        }
    }

    /// Exactly one of a new password, a state and an expiry.
    private func modification(_ username: String, _ body: JSONBody) throws(RosterError) -> UserCommand {
        let state = try body.choice("state", User.State.self)
        let given = ["new_password", "state", "expires"].filter { body.members[$0] != nil }
        guard given.count == 1 else {
            throw .invalid("new_password", "give one of new_password, state and expires")
        }
        if let state { return .setState(username: username, state: state) }
        if body.members["expires"] != nil {
            if body.members["expires"] == .null { return .setExpiry(username: username, expires: nil) }
            let text = try body.required("expires")
            guard let time = Timestamp(iso8601: text) else {
                throw .invalid("expires", "is not a time in UTC of the form YYYY-MM-DDThh:mm:ssZ")
            }
            return .setExpiry(username: username, expires: time)
        }
        return .setPassword(
            username: username, password: try Self.password("new_password", body),
            present: try body.optional("password"))
    }

    private static func password(_ name: String, _ body: JSONBody) throws(RosterError) -> String {
        let password = try body.required(name)
        guard password.utf8.count <= 256 else { throw .invalid(name, "is longer than 256 bytes") }
        return password
    }
}
