import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/user/describeUser`: everything about one user. An addition to the vendor's API.
struct DescribeUser: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/user/describeUser"
    static let action = "HpcUserDescribeUserResponse"
    static let summary = "Shows everything about one user."
    static let access = CallAccess.everyKey
    static let parameters: [ParameterDescription] = [
        .zone,
        .clusterOfRead,
        ParameterDescription(
            "username", .username, example: "usr-vceaHsJu",
            meaning: "The user of this name, without regard to case."),
        ParameterDescription("hpcuser_id", .userID, meaning: "The user of this identifier."),
        ParameterDescription("uid_number", .posixNumber, meaning: "The user of this uid."),
    ]

    static let answer = [AnswerMember("user", .named("User", UserRow.described), meaning: "The user.")]

    let logins: LoginRegister

    /// - Throws: `invalidParameter` unless exactly one parameter names the user; `noSuchUser` if the key can see no
    ///   such user.
    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(request.request)
        guard let text = parameters["cluster_id"] else { throw .invalid("cluster_id", "is missing") }
        let id = try ClusterID(text)
        let names = ["username", "hpcuser_id", "uid_number"].filter { parameters[$0] != nil }
        guard names.count == 1, let name = names.first, let value = parameters[name] else {
            throw .invalid("username", "exactly one of username, hpcuser_id and uid_number names the user")
        }
        let snapshot = request.snapshot
        let visibility = try snapshot.cluster(id, in: try request.requiredZone(), scope: request.scope).visibility
        let row =
            switch name {
            case "uid_number": snapshot.row(uid: try User.posixNumber(value, name: name), in: id)
            case "hpcuser_id": snapshot.row(try HPCUserID(value), in: id)
            default: snapshot.row(named: value, in: id)
            }
        guard let row, visibility.lets(see: row) else {
            throw RosterError(
                .noSuchUser, .init(parameter: name), "no such user '\(value.sanitizedForDisplay(limit: 64))' in \(id)")
        }
        json.key("user")
        row.writeDescription(
            groups: snapshot.groups(ofMember: row.id, in: id), logins: logins.times(of: row.id),
            catalog: snapshot.attributes, withPhotos: true, to: &json)
    }
}
