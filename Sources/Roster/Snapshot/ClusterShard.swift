/// The users of one cluster in a snapshot.
struct ClusterShard: Sendable {
    var cluster: Cluster
    /// In the default order: by creation time, then `hpcuser_id`.
    private(set) var users: [StoredUser]
    private(set) var groups: [UInt32: Group] = [:]

    init(_ cluster: Cluster, users: [User]) {
        self.cluster = cluster
        self.users = users.map(StoredUser.init).sorted(by: UserQuery.SortKey.createTime.areInOrder)
    }

    mutating func put(_ group: Group) {
        groups[group.gidNumber] = group
    }

    /// Puts `changed` in and takes `removed` out.
    /// - Returns: the users that were there before and are replaced or gone.
    mutating func replace(with changed: [User], removing removed: [HPCUserID]) -> [User] {
        let gone = Set(removed).union(changed.map(\.id))
        var before: [User] = []
        var kept: [StoredUser] = []
        kept.reserveCapacity(users.count + changed.count)
        for stored in users {
            if gone.contains(stored.user.id) { before.append(stored.user) } else { kept.append(stored) }
        }
        let inOrder = UserQuery.SortKey.createTime.areInOrder
        if changed.count > 16 {
            // Each insertion moves what is behind it, so many are sorted in at once.
            kept.append(contentsOf: changed.map(StoredUser.init))
            kept.sort(by: inOrder)
            users = kept
            return before
        }
        for user in changed.map(StoredUser.init) {
            // Most changes are additions, and new users are the last.
            if let last = kept.last, !inOrder(last, user) {
                kept.insert(user, at: kept.partitioningIndex { !inOrder($0, user) })
            } else {
                kept.append(user)
            }
        }
        users = kept
        return before
    }

    func collect(_ query: UserQuery, extent: Scope.Extent, into found: inout [StoredUser]) {
        var filters = [query.filter]
        if case .rows(let account) = extent { filters.append(.equals(.account, account.text)) }
        let filter = Filter.all(filters)
        if filter == .all([.all([])]) {
            found.append(contentsOf: users)
        } else {
            found.append(contentsOf: users.lazy.filter { filter.matches($0.user) == .yes })
        }
    }
}

/// A user in a snapshot. A reference, so that a copy of a cluster's list copies no user.
final class StoredUser: Sendable {
    let user: User
    /// For the order by name.
    let foldedName: FoldedText

    init(_ user: User) {
        self.user = user
        foldedName = FoldedText(user.username.text)
    }
}

extension UserQuery.SortKey {
    /// Whether `left` comes before `right`; ties follow the `hpcuser_id`.
    func areInOrder(_ left: StoredUser, _ right: StoredUser) -> Bool {
        switch self {
        case .createTime:
            if left.user.createTime != right.user.createTime { return left.user.createTime < right.user.createTime }
        case .updateTime:
            if left.user.updateTime != right.user.updateTime { return left.user.updateTime < right.user.updateTime }
        case .username:
            if left.foldedName != right.foldedName { return left.foldedName < right.foldedName }
        case .uidNumber:
            if left.user.uidNumber != right.user.uidNumber { return left.user.uidNumber < right.user.uidNumber }
        }
        return left.user.id < right.user.id
    }
}

extension Array {
    /// The first index whose element, and that of every later one, satisfies `predicate`; `endIndex` where none does.
    fileprivate func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
