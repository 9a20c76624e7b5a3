import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/user`: the list of users (the contract; reference page, section 4).
struct ListUsers {
    static let action = "HpcUserListUsersResponse"

    let setName: UserSetName

    func answer(_ caller: AuthenticatedRequest, into json: inout JSONWriter) throws(RosterError) {
        let query = try UserQuery(CallParameters(caller.request), zone: try caller.requiredZone())
        try caller.snapshot.page(query, scope: caller.scope).write(to: &json, named: setName)
    }
}

extension UserQuery {
    private static let sortKeys: KeyValuePairs<String, SortKey> = [
        "create_time": .createTime, "update_time": .updateTime, "username": .username, "uid_number": .uidNumber,
    ]

    fileprivate init(_ parameters: CallParameters, zone: Zone) throws(RosterError) {
        self.init(zone: zone)
        if let text = parameters["cluster_id"] { cluster = try ClusterID(text) }
        if let text = parameters["user_id"] { account = try AccountID(text) }
        searchWord = try parameters.searchWord()
        limit = try parameters.limit()
        offset = try parameters.count("offset") ?? 0
        sortKey = try parameters.choice("sort_key", of: Self.sortKeys) ?? .createTime
        isReversed = try parameters.isReversed()
    }
}
