import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/user`: the list of users (the contract; reference page, section 4).
struct ListUsers: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/user"
    static let action = "HpcUserListUsersResponse"
    static let access = CallAccess.everyKey
    static let parameters =
        [
            ParameterDescription("zone", .text(maximumBytes: 64), isRequired: true, meaning: "The zone."),
            ParameterDescription("cluster_id", .clusterID, meaning: "Only this cluster."),
            ParameterDescription("user_id", .accountID, meaning: "Only the users of this account."),
            ParameterDescription(
                "sort_key", .choice(UserQuery.sortKeys.map(\.key)), meaning: "What the list is sorted by."),
        ] + .searchWord + .page

    let setName: UserSetName

    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let query = try UserQuery(CallParameters(request.request), zone: try request.requiredZone())
        try request.snapshot.page(query, scope: request.scope).write(to: &json, named: setName)
    }
}

extension UserQuery {
    fileprivate static let sortKeys: KeyValuePairs<String, SortKey> = [
        "create_time": .createTime, "update_time": .updateTime, "username": .username, "uid_number": .uidNumber,
    ]

    fileprivate init(_ parameters: CallParameters, zone: Zone) throws(RosterError) {
        self.init(zone: zone)
        if let text = parameters["cluster_id"] { cluster = try ClusterID(text) }
        if let text = parameters["user_id"] { account = try AccountID(text) }
        searchWord = try parameters.searchWord()
        sortKey = try parameters.choice("sort_key", of: Self.sortKeys) ?? .createTime
        let page = try PageParameters(parameters)
        (isReversed, limit, offset) = (page.isReversed, page.limit, page.offset)
    }
}
