/// What is asked of the list of users.
package struct UserQuery: Sendable, Equatable {
    package var zone: Zone
    package var cluster: ClusterID?
    package var account: AccountID?
    /// A literal part of one of `searchFields`, without regard to case; empty or nil is no filter.
    package var searchWord: String?
    /// Where the search word is sought; nil is in usernames alone, as in nearly every search.
    package var searchFields: Set<SearchField>?
    /// What else is demanded; nil is nothing.
    package var conditions: UserConditions?
    package var sortKey: SortKey
    /// Whether the whole order is turned round, ties included.
    package var isReversed: Bool
    /// How many users to pass over; past the end gives an empty page.
    package var offset: Int
    /// At most this many, 0 to `maximumLimit`.
    package var limit: Int

    package static let defaultLimit = 10
    package static let maximumLimit = 100

    /// What the list may be ordered by; users that are equal in it follow their `hpcuser_id`.
    package enum SortKey: Sendable, Hashable, CaseIterable {
        case createTime
        case updateTime
        /// Without regard to case.
        case username
        case uidNumber
    }

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

    /// The filter of the query, without its zone and scope, and without the name and the group of its conditions.
    package var filter: Filter {
        var filters: [Filter] = []
        if let cluster { filters.append(.equals(.cluster, cluster.text)) }
        if let account { filters.append(.equals(.account, account.text)) }
        if let searchWord, !searchWord.isEmpty {
            filters.append(.any((searchFields ?? [.username]).map { field in Self.filter(of: field, searchWord) }))
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
