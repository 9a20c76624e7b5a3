/// A query of the list of users.
package struct UserQuery: Sendable, Equatable {
    package var zone: Zone
    package var cluster: ClusterID?
    package var account: AccountID?
    /// A literal part of one of `searchFields`, ignoring case; empty or nil matches every user.
    package var searchWord: String?
    /// The fields to search; nil means usernames only, the most frequent search.
    package var searchFields: Set<SearchField>?
    /// Further attributes to search, which the site declares.
    package var searchAttributes: [UserAttribute] = []
    /// Further conditions; nil means none.
    package var conditions: UserConditions?
    package var sortKey: SortKey
    /// Whether the whole order is reversed, ties included.
    package var isReversed: Bool
    /// The number of users to skip; past the end, the page is empty.
    package var offset: Int
    /// The maximum number of users to return, at most `maximumLimit`.
    package var limit: Int

    package static let defaultLimit = 10
    package static let maximumLimit = 100

    /// The sort key; ties are ordered by `hpcuser_id`.
    package enum SortKey: Sendable, Hashable, CaseIterable {
        case createTime
        case updateTime
        /// Ignoring case.
        case username
        case uidNumber
    }

    /// Creates a query; a `limit` above `maximumLimit` is reduced to it.
    package init(
        zone: Zone, cluster: ClusterID? = nil, account: AccountID? = nil, searchWord: String? = nil,
        sortKey: SortKey = .createTime, isReversed: Bool = false, offset: Int = 0, limit: Int = defaultLimit
    ) {
        self.zone = zone
        self.cluster = cluster
        self.account = account
        self.searchWord = searchWord
        self.sortKey = sortKey
        self.isReversed = isReversed
        self.offset = offset
        self.limit = min(limit, Self.maximumLimit)
    }

    /// The query as a filter, without its zone and scope, and without the name, the password, the group and the logins of its
    /// conditions.
    package var filter: Filter {
        var filters: [Filter] = []
        if let cluster { filters.append(.equals(.cluster, cluster.text)) }
        if let account { filters.append(.equals(.account, account.text)) }
        if let searchWord, !searchWord.isEmpty {
            let attributes = searchAttributes.map { Filter.attribute($0, .substring(.init(parts: [searchWord]))) }
            filters.append(
                .any((searchFields ?? [.username]).map { field in Self.filter(of: field, searchWord) } + attributes))
        }
        if let conditions { filters.append(conditions.filter) }
        return .all(filters)
    }

    private static func filter(of field: SearchField, _ word: String) -> Filter {
        switch field {
        case .username: .substring(.username, .init(parts: [word]))
        case .fullName: .attribute(.fullName, .substring(.init(parts: [word])))
        case .mail: .attribute(.mail, .substring(.init(parts: [word])))
        case .uidNumber:
            .any(
                SearchField.uids(beginningWith: word).map {
                    .all([.number(.uidNumber, .atLeast, $0.lowerBound), .number(.uidNumber, .atMost, $0.upperBound)])
                })
        }
    }
}
