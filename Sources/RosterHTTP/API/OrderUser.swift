import Roster

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
    let administration: UserAdministration

    /// - Throws: `invalidParameter` for a member that is missing or malformed, then what
    ///   `UserAdministration.carryOut` throws.
    func answer(_ caller: Caller) async throws(RosterError) -> JobID {
        let body = try JSONBody(caller.request.body)
        let zone = try Zone(Self.agreeing("zone", caller.request, body))
        let cluster = try ClusterID(Self.agreeing("cluster_id", caller.request, body))
        let username = try body.required("username")
        guard username.utf8.count <= 256 else { throw .invalid("username", "is longer than 256 bytes") }
        let order = try order(username, body)
        return try await administration.carryOut(order, cluster: cluster, zone: zone, by: caller.asker)
    }

    private func order(_ username: String, _ body: JSONBody) throws(RosterError) -> UserOrder {
        switch call {
        case .addUser:
            var mode: FileMode?
            if let text = try body.optional("mod") { mode = try FileMode(text) }
            return .add(
                username: username, password: try Self.password("password", body), mode: mode,
                uidNumber: try Self.uidNumber(body))
        case .deleteUser: return .delete(username: username)
        case .modifyUser: return try modification(username, body)
        }
    }

    /// Exactly one of a new password, a state and an expiry.
    private func modification(_ username: String, _ body: JSONBody) throws(RosterError) -> UserOrder {
        let state = try body.optional("state")
        let given = ["new_password", "state", "expires"].filter { body.members[$0] != nil }
        guard given.count == 1 else {
            throw .invalid("new_password", "give one of new_password, state and expires")
        }
        if let state {
            guard let state = User.State(rawValue: state) else { throw .invalid("state", "must be active or locked") }
            return .setState(username: username, state: state)
        }
        if body.members["expires"] != nil {
            guard let text = try body.optional("expires") else { return .setExpiry(username: username, expires: nil) }
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

    /// A string, as in answers; a number is taken too.
    private static func uidNumber(_ body: JSONBody) throws(RosterError) -> UInt32? {
        if case .number(let text) = body.members["uid_number"] { return try User.posixNumber(text, name: "uid_number") }
        guard let text = try body.optional("uid_number") else { return nil }
        return try User.posixNumber(text, name: "uid_number")
    }

    /// A member of the body that the query may repeat, but not contradict.
    private static func agreeing(
        _ name: String, _ request: SignedRequest, _ body: JSONBody
    ) throws(RosterError) -> String {
        let inQuery = request[name].flatMap { $0.isEmpty ? nil : $0 }
        guard let inBody = try body.optional(name) else {
            guard let inQuery else { throw .invalid(name, "is missing") }
            return inQuery
        }
        if let inQuery, inQuery != inBody { throw .invalid(name, "is another one in the query than in the body") }
        return inBody
    }
}
