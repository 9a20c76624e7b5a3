import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/group`: the groups that the caller may see, Roster's own call beside the vendor's.
struct ListGroups {
    static let action = "HpcGroupListGroupsResponse"

    func answer(_ caller: AuthenticatedRequest, into json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(caller.request)
        var query = GroupQuery(zone: try caller.requiredZone())
        if let text = parameters["cluster_id"] { query.cluster = try ClusterID(text) }
        query.searchWord = try parameters.searchWord()
        query.sortKey =
            try parameters.choice("sort_key", of: ["group_name": .name, "gid_number": .gidNumber]) ?? .name
        query.isReversed = try parameters.isReversed()
        query.limit = try parameters.limit()
        query.offset = try parameters.count("offset") ?? 0
        let (totalCount, groups) = try caller.snapshot.groups(query, scope: caller.scope)
        json.key("total_count")
        json.number(totalCount)
        json.key("group_set")
        json.array { json in
            for group in groups { group.write(to: &json) }
        }
    }
}

extension ListedGroup {
    /// The group as an element of the list.
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("cluster_id")
            json.string(group.cluster.text)
            json.key("gid_number")
            json.quoted(group.gidNumber)
            json.key("group_name")
            json.string(group.name)
            json.key("is_primary")
            json.boolean(group.isPrimary)
            json.key("members")
            json.array { json in
                for member in members { json.string(member.text) }
            }
        }
    }
}
