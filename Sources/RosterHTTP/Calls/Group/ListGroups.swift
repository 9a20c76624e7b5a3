import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/group`: the groups that the caller may see. An addition to the vendor's API.
struct ListGroups: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/group"
    static let action = "HpcGroupListGroupsResponse"
    static let summary = "Lists groups."
    static let access = CallAccess.everyKey
    static let parameters =
        [
            .zone,
            ParameterDescription("cluster_id", .clusterID, meaning: "Only this cluster."),
            ParameterDescription(
                "sort_key", .choice(sortKeys.map(\.key)), default: "group_name",
                meaning: "What the list is sorted by; names are compared ignoring case."),
        ] + .searchWord + .page

    static let answer = [AnswerMember].page(
        "group_set",
        of: .named("Group", ListedGroup.answerMembers))

    private static let sortKeys: KeyValuePairs<String, GroupQuery.SortKey> = [
        "group_name": .name, "gid_number": .gidNumber,
    ]

    /// This many member names are written in less than a millisecond.
    private static let fewMembers = 2000

    func isLarge(_ parameters: CallParameters, in snapshot: Snapshot) -> Bool {
        let cluster = parameters["cluster_id"].flatMap { try? ClusterID($0) }
        guard let zone = parameters["zone"].flatMap({ try? Zone($0) }) else { return false }
        // All groups are sorted, and each costs about as much as a member that is written.
        return snapshot.listCost(zone: zone, cluster: cluster) > Self.fewMembers
    }

    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(request.request)
        var query = GroupQuery(zone: try request.requiredZone())
        if let text = parameters["cluster_id"] { query.cluster = try ClusterID(text) }
        query.searchWord = try parameters.searchWord()
        query.sortKey = try parameters.choice("sort_key", of: Self.sortKeys) ?? .name
        let page = try PageParameters(parameters)
        (query.isReversed, query.limit, query.offset) = (page.isReversed, page.limit, page.offset)
        let (totalCount, groups) = try request.snapshot.groups(query, scope: request.scope)
        json.key("total_count")
        json.number(totalCount)
        json.key("group_set")
        json.array { json in
            for group in groups { group.write(to: &json) }
        }
    }
}

extension ListedGroup {
    /// The members that `writeMembers` writes.
    static let answerMembers = [
        AnswerMember("cluster_id", .clusterID, meaning: "The cluster of the group."),
        AnswerMember("gid_number", .posixNumber, meaning: "The gid."),
        AnswerMember("group_name", .text, meaning: "The name of the group."),
        AnswerMember("is_primary", .boolean, meaning: "Whether it is the cluster's primary group."),
        AnswerMember("members", .list(.text), meaning: "The names of the users that it lists, sorted."),
        AnswerMember(
            "member_groups", .list(.text), meaning: "The names of groups whose members are members of this one too."),
        AnswerMember("member_names", .list(.text), meaning: "Names of members that belong to no user."),
    ]

    /// The group as an element of the list.
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in writeMembers(to: &json) }
    }

    /// The members of that element.
    func writeMembers(to json: inout JSONWriter) {
        json.key("cluster_id")
        json.string(group.cluster.text)
        json.key("gid_number")
        json.quoted(group.gidNumber)
        json.key("group_name")
        json.string(group.name)
        json.key("is_primary")
        json.boolean(group.isPrimary)
        json.strings(members.map(\.text), named: "members")
        json.strings(memberGroups, named: "member_groups")
        json.strings(memberNames, named: "member_names")
    }
}

extension JSONWriter {
    /// A member that is a list of texts.
    mutating func strings(_ texts: [String], named name: StaticString) {
        key(name)
        array { json in
            for text in texts { json.string(text) }
        }
    }
}
