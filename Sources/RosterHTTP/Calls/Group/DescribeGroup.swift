import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/group/describeGroup`: everything about one group. An addition to the vendor's API.
struct DescribeGroup: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/group/describeGroup"
    static let action = "HpcGroupDescribeGroupResponse"
    static let summary = "Shows everything about one group."
    static let access = CallAccess.everyKey
    static let parameters: [ParameterDescription] = [
        .zone,
        .clusterOfRead,
        ParameterDescription(
            "group_name", .username, example: "optics", meaning: "The group of this name, without regard to case."),
        ParameterDescription("gid_number", .posixNumber, meaning: "The group of this gid."),
    ]

    static let answer = [
        AnswerMember(
            "group",
            .named(
                "GroupDetails",
                ListedGroup.answerMembers + [
                    AnswerMember(
                        "all_members", .list(.text),
                        meaning: "The names of the users that it or a group below it lists, sorted, each once."),
                    AnswerMember(
                        "create_time", .optional(.time),
                        meaning: "When it was made; null if an earlier version made it."),
                    AnswerMember(
                        "groups", .list(.text),
                        meaning: "The names of the groups that it is in, directly or through others."),
                    AnswerMember(
                        "primary_count", .integer,
                        meaning: "How many users have it as their primary group; they are in it without being listed."),
                    AnswerMember(
                        "update_time", .optional(.time),
                        meaning: "When its name or its members last changed; null if that is not known."),
                ]), meaning: "The group.")
    ]

    /// Users with its gid are counted.
    func isLarge(_ parameters: CallParameters, in snapshot: Snapshot) -> Bool { true }

    /// - Throws: `invalidParameter` unless exactly one parameter names the group; `notFound` if the key can see no such
    ///   group.
    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(request.request)
        guard let text = parameters["cluster_id"] else { throw .invalid("cluster_id", "is missing") }
        let id = try ClusterID(text)
        let (name, number) = (parameters["group_name"], parameters["gid_number"])
        guard (name == nil) != (number == nil) else {
            throw .invalid("group_name", "exactly one of group_name and gid_number names the group")
        }
        let gid = try number.map { text throws(RosterError) in try User.posixNumber(text, name: "gid_number") }
        let key = name.map { Username.key(of: $0) }
        let described = try request.snapshot.describedGroup(
            in: id, zone: try request.requiredZone(), scope: request.scope
        ) { group in
            key.map { $0 == Username.key(of: group.name) } ?? (group.gidNumber == gid)
        }
        guard let described else {
            let shown = (name ?? number ?? "").sanitizedForDisplay()
            throw RosterError(.notFound, .group, "no group \(shown) in cluster \(id)")
        }
        json.key("group")
        json.object { json in
            described.listed.writeMembers(to: &json)
            json.strings(described.allMembers.map(\.text), named: "all_members")
            json.key("create_time")
            if let time = described.listed.group.createTime { json.time(time) } else { json.null() }
            json.strings(described.groups, named: "groups")
            json.key("primary_count")
            json.number(described.primaryCount)
            json.key("update_time")
            if let time = described.listed.group.updateTime { json.time(time) } else { json.null() }
        }
    }
}
