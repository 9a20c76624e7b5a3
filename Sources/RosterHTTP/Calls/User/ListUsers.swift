import HTTPTypes
import RosterDirectory
import RosterModel
import RosterSnapshot

/// `GET /api/user`: the list of users (the contract; reference page, section 4).
struct ListUsers: SnapshotCall {
    static let method = HTTPRequest.Method.get
    static let path = "/api/user"
    static let action = "HpcUserListUsersResponse"
    static let summary = "Lists users."
    static let isVendors = true
    static let access = CallAccess.everyKey
    static let parameters =
        [
            .zone,
            ParameterDescription("cluster_id", .clusterID, example: "hpc-qig9xu97", meaning: "Only this cluster."),
            ParameterDescription(
                "user_id", .accountID, example: "usr-vceaHsJu", meaning: "Only the users of this account."),
            ParameterDescription(
                "sort_key", .choice(UserQuery.sortKeys.map(\.key)), default: "create_time",
                meaning: "What the list is sorted by; names are compared ignoring case."),
            ParameterDescription(
                "search_word", .searchWord,
                example: "vce",
                meaning: "A literal part of the name, or of a field of search_in, ignoring case."),
            ParameterDescription(
                "search_in", .words(maximum: 100),
                default: "username",
                meaning: "The fields to search for search_word: username, full_name, mail, uid_number (its first "
                    + "digits), or a searchable attribute that the site declares."),
            ParameterDescription("username", .username, meaning: "Only users of this name, ignoring ASCII case."),
            ParameterDescription("uid_number", .posixNumber, meaning: "Only users of this uid."),
            ParameterDescription("gid_number", .posixNumber, meaning: "Only users whose primary group has this gid."),
            ParameterDescription(
                "group_name", .username,
                meaning: "Only members of the group of this name: listed, through other groups, or because it is "
                    + "their primary group."),
            ParameterDescription("role", .choice(Role.allCases.map(\.rawValue)), meaning: "Only users of this role."),
            ParameterDescription(
                "state", .choice(UserConditions.State.allCases.map(\.rawValue)),
                meaning: "Only users in this state; a user that is both locked and expired counts as locked."),
            ParameterDescription(
                "has_password", .flag,
                meaning: "1: only users who have a password; 0: only those who have none and cannot log in with one."),
            ParameterDescription(
                "not_used_since", .time,
                meaning: "Only users who existed at this time and have not logged in since. It is refused for a time "
                    + "before logins were recorded."),
            ParameterDescription(
                "verbose", .text(maximumBytes: nil),
                meaning: "1 shows for each user what describeUser shows, except photos; any other value is ignored."),
        ] + .page

    static let answer: [AnswerMember] =
        [AnswerMember("total_count", .integer, meaning: "How many users all conditions leave, on all pages.")]
        + UserSetName.allCases.filter { $0 != .both }.map {
            AnswerMember(
                $0.rawValue, .list(.named("ListedUser", UserRow.listed)), isAlwaysPresent: false,
                meaning: "The users of the page, under both names that the vendor uses unless the server keeps one.")
        }

    let setName: UserSetName
    let logins: LoginRegister

    /// Attributes can take many kilobytes per user, and those that the site declares are searched in place.
    func isLarge(_ parameters: CallParameters, in snapshot: Snapshot) -> Bool {
        if Self.isVerbose(parameters) || parameters["not_used_since"] != nil { return true }
        guard !snapshot.attributes.declared.isEmpty, let fields = parameters["search_in"] else { return false }
        return snapshot.attributes.declared.contains { fields.contains($0.name) }
    }

    /// Only "1" counts, because clients of the vendor's API may send the parameter with any value.
    private static func isVerbose(_ parameters: CallParameters) -> Bool { parameters["verbose"] == "1" }

    func write(_ request: AuthenticatedRequest, to json: inout JSONWriter) throws(RosterError) {
        let parameters = CallParameters(request.request)
        var query = try UserQuery(
            parameters, zone: try request.requiredZone(), catalog: request.snapshot.attributes, now: request.now)
        if let since = try parameters.time("not_used_since") {
            var conditions = query.conditions ?? UserConditions(now: request.now)
            conditions.unused = try logins.unused(since: since, name: "not_used_since")
            query.conditions = conditions
        }
        let page = try request.snapshot.page(query, scope: request.scope)
        guard Self.isVerbose(parameters) else { return page.write(to: &json, named: setName) }
        page.write(to: &json, named: setName) { row, json in
            row.writeDescription(
                groups: request.snapshot.groups(ofMember: row.id, in: row.cluster), logins: logins.times(of: row.id),
                catalog: request.snapshot.attributes, withPhotos: false, to: &json)
        }
    }
}

extension UserQuery {
    fileprivate static let sortKeys: KeyValuePairs<String, SortKey> = [
        "create_time": .createTime, "update_time": .updateTime, "username": .username, "uid_number": .uidNumber,
    ]

    fileprivate init(
        _ parameters: CallParameters, zone: Zone, catalog: AttributeCatalog, now: Timestamp
    ) throws(RosterError) {
        self.init(zone: zone)
        if let text = parameters["cluster_id"] { cluster = try ClusterID(text) }
        if let text = parameters["user_id"] { account = try AccountID(text) }
        searchWord = try parameters.searchWord()
        if parameters["search_in"] != nil {
            let known =
                SearchField.allCases.map { (key: $0.rawValue, value: SearchedField.field($0)) }
                + catalog.searchable.map { (key: $0.name, value: SearchedField.attribute($0)) }
            var fields: Set<SearchField> = []
            for field in try parameters.words("search_in") {
                switch try ParameterParsing.choice(field, name: "search_in", among: known) {
                case .field(let field): fields.insert(field)
                case .attribute(let attribute): searchAttributes.append(attribute)
                }
            }
            if !fields.isEmpty || !searchAttributes.isEmpty { searchFields = fields }
        }
        let conditions = try UserConditions(parameters, now: now)
        if !conditions.isEmpty { self.conditions = conditions }
        sortKey = try parameters.choice("sort_key", of: Self.sortKeys) ?? .createTime
        let page = try PageParameters(parameters)
        (isReversed, limit, offset) = (page.isReversed, page.limit, page.offset)
    }
}

/// What `search_in` may name.
private enum SearchedField {
    case field(SearchField)
    case attribute(UserAttribute)
}

extension UserConditions {
    /// - Throws: `invalidParameter` for the first malformed parameter.
    fileprivate init(_ parameters: CallParameters, now: Timestamp) throws(RosterError) {
        self.init(now: now)
        // One pass over the parameters: nearly all lists have none of these.
        try parameters.forEach { name, value throws(RosterError) in
            switch name {
            case "username": username = value
            case "uid_number": uidNumber = try User.posixNumber(value, name: name)
            case "gid_number": gidNumber = try User.posixNumber(value, name: name)
            case "role": role = try Role(value)
            case "has_password": hasPassword = try parameters.flag(name)
            case "state":
                state = try ParameterParsing.choice(
                    value, name: name, among: State.allCases.map { (key: $0.rawValue, value: $0) })
            case "group_name": groupName = value
            default: break
            }
        }
    }
}
