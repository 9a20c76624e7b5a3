import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/group/listGroupsOfUser`: the groups of one user. An addition to the vendor's API.
struct ListGroupsOfUser: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/group/listGroupsOfUser"
    static let action = "HpcGroupListGroupsOfUserResponse"
    static let summary = "Lists the groups of a user, and how it comes to be in each."
    static let access = CallAccess.everyKey
    static let parameters: [ParameterDescription] = [
        .zone,
        .clusterOfRead,
        ParameterDescription(
            "username", .username, isRequired: true, example: "usr-vceaHsJu",
            meaning: "The user of this name, without regard to case."),
    ]

    static let answer = [
        AnswerMember(
            "group_set",
            .list(
                .named(
                    "GroupOfUser",
                    [
                        AnswerMember("gid_number", .posixNumber, meaning: "The gid."),
                        AnswerMember("group_name", .text, meaning: "The name of the group."),
                        AnswerMember(
                            "membership", .choice(UserGroup.Membership.allCases.map(\.rawValue)),
                            meaning: "Whether it is the primary group, lists the user, or has a group that does."),
                        AnswerMember(
                            "through", .list(.text),
                            meaning: "The names of the groups that list the user and are in this one."),
                    ])), meaning: "The groups: the primary one, then those that list the user, then the others."),
        AnswerMember("username", .text, meaning: "The name of the user."),
    ]

    /// - Throws: `invalidParameter`; `noSuchUser` if the key can see no such user.
    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(request.request)
        guard let text = parameters["cluster_id"] else { throw .invalid("cluster_id", "is missing") }
        guard let name = parameters["username"] else { throw .invalid("username", "is missing") }
        let id = try ClusterID(text)
        let snapshot = request.snapshot
        let visibility = try snapshot.cluster(id, in: try request.requiredZone(), scope: request.scope).visibility
        guard let row = snapshot.row(named: name, in: id), visibility.lets(see: row) else {
            throw RosterError(.noSuchUser, .user, "no user \(name.sanitizedForDisplay()) in cluster \(id)")
        }
        let user = row.user
        json.key("group_set")
        json.array { json in
            for one in snapshot.userGroups(of: user) {
                json.object { json in
                    json.key("gid_number")
                    json.quoted(one.group.gidNumber)
                    json.key("group_name")
                    json.string(one.group.name)
                    json.key("membership")
                    json.string(one.membership.rawValue)
                    json.strings(one.through, named: "through")
                }
            }
        }
        json.key("username")
        json.string(user.username.text)
    }
}
