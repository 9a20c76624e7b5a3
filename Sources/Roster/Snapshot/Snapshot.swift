/// The directory at one revision: immutable, complete, and all that a read needs.
///
/// Users are kept by cluster, each cluster's in the default order, so that publishing a change copies the references of
/// one cluster's users and never the directory.
package struct Snapshot: Sendable {
    package private(set) var revision: Revision
    private var shards: [ClusterID: ClusterShard]
    private var clustersByZone: [Zone: Set<ClusterID>]
    private var rowsByAccount: SpreadMap<AccountID, [AccountRow]>
    private var keys: [AccessKeyID: UsableKey]

    /// The directory before its first change.
    package static let empty = Snapshot(DirectoryImage(revision: .none), prepareKey: { _ in nil })

    /// - Parameter prepareKey: opens a key's secret; nil where that is impossible, and the key is then as unknown.
    package init(_ image: DirectoryImage, prepareKey: (AccessKey) -> (any SignatureJudge)?) {
        revision = image.revision
        shards = [:]
        clustersByZone = [:]
        keys = [:]
        let users = Dictionary(grouping: image.users, by: \.cluster)
        for cluster in image.clusters {
            shards[cluster.id] = ClusterShard(cluster, users: users[cluster.id] ?? [])
            clustersByZone[cluster.zone, default: []].insert(cluster.id)
        }
        var rows: [AccountID: [AccountRow]] = [:]
        for user in image.users { rows[user.account, default: []].append(AccountRow(user)) }
        rowsByAccount = SpreadMap(rows)
        for group in image.groups { shards[group.cluster]?.put(group) }
        for key in image.keys { put(key, prepareKey: prepareKey) }
    }

    /// The snapshot after `delta`, which must start where this one stands.
    package func applying(_ delta: Delta, prepareKey: (AccessKey) -> (any SignatureJudge)?) -> Snapshot {
        var next = self
        next.revision = delta.to
        for cluster in delta.clusters { next.put(cluster) }
        var changes: [ClusterID: (users: [User], removed: [HPCUserID])] = [:]
        for user in delta.users { changes[user.cluster, default: ([], [])].users.append(user) }
        for removed in delta.removedUsers { changes[removed.cluster, default: ([], [])].removed.append(removed.id) }
        for (cluster, change) in changes {
            let before = next.shards[cluster]?.replace(with: change.users, removing: change.removed) ?? []
            for user in before { next.rowsByAccount[user.account]?.removeAll { $0.id == user.id } }
            for user in change.users { next.rowsByAccount[user.account, default: []].append(AccountRow(user)) }
            for user in before where next.rowsByAccount[user.account]?.isEmpty == true {
                next.rowsByAccount[user.account] = nil
            }
        }
        for group in delta.groups { next.shards[group.cluster]?.put(group) }
        for key in delta.keys { next.put(key, prepareKey: prepareKey) }
        return next
    }

    private mutating func put(_ cluster: Cluster) {
        if let old = shards[cluster.id]?.cluster, old.zone != cluster.zone {
            clustersByZone[old.zone]?.remove(cluster.id)
            if clustersByZone[old.zone]?.isEmpty == true { clustersByZone[old.zone] = nil }
        }
        clustersByZone[cluster.zone, default: []].insert(cluster.id)
        if shards[cluster.id] == nil {
            shards[cluster.id] = ClusterShard(cluster, users: [])
        } else {
            shards[cluster.id]?.cluster = cluster
        }
    }

    private mutating func put(_ key: AccessKey, prepareKey: (AccessKey) -> (any SignatureJudge)?) {
        if key.revokeTime == nil, let judge = prepareKey(key) {
            keys[key.id] = UsableKey(principal: key.principal, judge: judge)
        } else {
            keys[key.id] = nil
        }
    }

    /// How many users there are in all clusters.
    package var userCount: Int { shards.values.reduce(0) { $0 + $1.users.count } }

    /// A key that works, ready to judge signatures; nil for an unknown or revoked one.
    package func key(_ id: AccessKeyID) -> UsableKey? { keys[id] }

    /// The rows of an account, in any cluster.
    package func rows(of account: AccountID) -> [AccountRow] { rowsByAccount[account] ?? [] }

    package func cluster(_ id: ClusterID) -> Cluster? { shards[id]?.cluster }

    /// The clusters of all zones.
    package var clusterIDs: Set<ClusterID> { Set(shards.keys) }

    /// The user of that name, without regard to ASCII case; nil where there is none.
    package func user(named name: String, in cluster: ClusterID) -> User? {
        let key = Username.key(of: name)
        return shards[cluster]?.users.first { $0.user.username.key.utf8.elementsEqual(key.utf8) }?.user
    }

    /// The user with that identifier; nil where it is not there.
    package func user(_ id: HPCUserID, in cluster: ClusterID) -> User? {
        shards[cluster]?.users.first { $0.user.id == id }?.user
    }

    /// How many users a cluster has.
    package func userCount(of cluster: ClusterID) -> Int { shards[cluster]?.users.count ?? 0 }

    /// A cluster that `scope` lets be seen, and what of it.
    /// - Throws: `notFound`, as `page` does.
    package func cluster(
        _ id: ClusterID, in zone: Zone, scope: Scope
    ) throws(RosterError) -> (cluster: Cluster, extent: Scope.Extent) {
        let found = try shardsInView(zone: zone, cluster: id, scope: scope)
        guard let (shard, extent) = found.first else {
            throw RosterError(.notFound, "cluster_id: no such cluster \(id)")
        }
        return (shard.cluster, extent)
    }

    /// The groups of a cluster by gid.
    package func groups(of cluster: ClusterID) -> [Group] {
        shards[cluster].map { $0.groups.values.sorted { $0.gidNumber < $1.gidNumber } } ?? []
    }

    /// The page that `query` asks for, of what `scope` lets be seen.
    /// - Throws: `notFound` where the zone does not exist, or the cluster does not exist in it or may not be seen: with
    ///   one message, so that nobody learns of a cluster that is not theirs.
    package func page(_ query: UserQuery, scope: Scope) throws(RosterError) -> UserPage {
        let shards = try shardsInView(zone: query.zone, cluster: query.cluster, scope: scope)
        var found: [StoredUser] = []
        for (shard, extent) in shards { shard.collect(query, extent: extent, into: &found) }
        let totalCount = found.count
        guard query.offset < totalCount, query.limit > 0 else {
            return UserPage(totalCount: totalCount, users: [], revision: revision)
        }
        // One cluster's users are in the default order already.
        if shards.count > 1 || query.sortKey != .createTime { found.sort(by: query.sortKey.areInOrder) }
        if query.isReversed { found.reverse() }
        let end = min(totalCount - query.offset, query.limit) + query.offset
        return UserPage(totalCount: totalCount, users: found[query.offset..<end].map(\.user), revision: revision)
    }

    /// The clusters of a zone that `scope` lets be seen: all of them, or the one called `cluster`.
    /// - Throws: `notFound`, as `page` does.
    func clustersInView(zone: Zone, cluster: ClusterID?, scope: Scope) throws(RosterError) -> [Cluster] {
        try shardsInView(zone: zone, cluster: cluster, scope: scope).map(\.0.cluster)
    }

    private func shardsInView(
        zone: Zone, cluster: ClusterID?, scope: Scope
    ) throws(RosterError) -> [(ClusterShard, Scope.Extent)] {
        guard let inZone = clustersByZone[zone] else {
            throw RosterError(.notFound, "zone: no such zone \(zone)")
        }
        if let id = cluster {
            guard let extent = scope.extent(in: id), inZone.contains(id), let shard = shards[id] else {
                throw RosterError(.notFound, "cluster_id: no such cluster \(id)")
            }
            return [(shard, extent)]
        }
        return inZone.compactMap { id in
            guard let extent = scope.extent(in: id), let shard = shards[id] else { return nil }
            return (shard, extent)
        }
    }
}

/// What rights are judged by: where an account has a row, and as what.
package struct AccountRow: Sendable, Equatable {
    package let id: HPCUserID
    package let cluster: ClusterID
    package let role: Role
    private let state: User.State
    private let expires: Timestamp?

    init(_ user: User) {
        id = user.id
        cluster = user.cluster
        role = user.role
        state = user.state
        expires = user.expires
    }

    /// Whether the row is neither locked nor expired at `now`.
    package func isActive(at now: Timestamp) -> Bool { state.isActive(at: now, expires: expires) }
}

/// A key that works, and its prepared secret.
package struct UsableKey: Sendable {
    package let principal: Principal
    package let judge: any SignatureJudge
}
