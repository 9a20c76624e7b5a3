package import RosterModel

extension Snapshot {
    /// The groups that `query` asks for and `scope` lets be seen, and how many there are in all.
    ///
    /// Who sees only its own rows of a cluster sees the cluster's own group and those that its rows are in, and of the
    /// members itself.
    /// - Throws: `notFound`, as the list of users does.
    package func groups(
        _ query: GroupQuery, scope: Scope
    ) throws(RosterError) -> (totalCount: Int, groups: [ListedGroup]) {
        let word = query.searchWord.map { FoldedText($0) }
        var found: [(name: FoldedText, group: Group)] = []
        for cluster in try clustersInView(zone: query.zone, cluster: query.cluster, scope: scope) {
            for group in groupsInView(of: cluster.id, scope: scope) {
                let name = FoldedText(group.name)
                if word.map(name.contains) ?? true { found.append((name, group)) }
            }
        }
        found.sort { left, right in
            let (first, second) = (left.group, right.group)
            switch query.sortKey {
            case .name:
                return (left.name, first.cluster, first.gidNumber) < (right.name, second.cluster, second.gidNumber)
            case .gidNumber: return (first.gidNumber, first.cluster) < (second.gidNumber, second.cluster)
            }
        }
        if query.isReversed { found.reverse() }
        let page = found.dropFirst(query.offset).prefix(query.limit)
        return (found.count, page.map { listed($0.group, scope: scope) })
    }

    private func listed(_ group: Group, scope: Scope) -> ListedGroup {
        let seesAll = scope.visibility(in: group.cluster) == .all
        return ListedGroup(
            group: group, members: members(of: group, scope: scope),
            memberGroups: seesAll ? memberGroups(of: group).map(\.name) : [],
            memberNames: seesAll ? memberNames(of: group) : [])
    }

    /// The groups that are members of a group by themselves, by gid.
    package func memberGroups(of group: Group) -> [Group] {
        group.memberGroups.sorted().compactMap { self.group(gid: $0, in: group.cluster) }
    }

    /// The names that are members of a group by themselves and no user's, in order.
    package func memberNames(of group: Group) -> [String] {
        group.memberNames.filter { row(named: $0, in: group.cluster) == nil }.sorted()
    }

    /// The names that are members of a group, by themselves or through other groups, and no user's; in order, each once.
    package func allMemberNames(of group: Group) -> [String] {
        guard let groups = index.shard(of: group.cluster)?.groups, !group.memberGroups.isEmpty else {
            return memberNames(of: group)
        }
        return Set(groups.withMemberGroups(group).flatMap { memberNames(of: $0) }).sorted()
    }

    /// The users that are in a group, listed there or in groups that are members of it, each once.
    package func members(of group: Group) -> [HPCUserID] {
        guard !group.memberGroups.isEmpty, let groups = index.shard(of: group.cluster)?.groups else {
            return group.members
        }
        return groups.members(of: group)
    }

    /// The groups that have the group as a member, by themselves or through others, by gid.
    package func groups(ofGroup group: Group.Key) -> [Group] {
        index.shard(of: group.cluster)?.groups.groups(ofGroup: group.gidNumber) ?? []
    }

    /// The groups that have the name as a member, by themselves or through others, by gid; none for a user's name.
    package func groups(ofName name: String, in cluster: ClusterID) -> [Group] {
        guard row(named: name, in: cluster) == nil else { return [] }
        return index.shard(of: cluster)?.groups.groups(ofName: name) ?? []
    }

    private func groupsInView(of cluster: ClusterID, scope: Scope) -> [Group] {
        guard case .rows(let account) = scope.visibility(in: cluster) else { return groups(of: cluster) }
        var gids: Set<UInt32> = []
        for row in rows(of: account) where row.cluster == cluster {
            gids.formUnion(groups(ofMember: row.id, in: cluster).map(\.gidNumber))
            if let user = user(row.id, in: cluster) { gids.insert(user.gidNumber) }
        }
        return groups(of: cluster).filter { $0.isPrimary || gids.contains($0.gidNumber) }
    }

    private func members(of group: Group, scope: Scope) -> [Username] {
        var account: AccountKey?
        if case .rows(let own) = scope.visibility(in: group.cluster) { account = AccountKey(own) }
        // Nearly all time goes into the sort: the keys are made once.
        var members: [(key: String, name: Username)] = []
        members.reserveCapacity(group.members.count)
        for id in group.members {
            guard let row = index.row(of: id), index.cluster(of: row).cluster.id == group.cluster else { continue }
            if let account, index.table.accountKey(of: row) != account { continue }
            let name = Username(stored: String(decoding: index.row(row).username, as: UTF8.self))
            members.append((name.key, name))
        }
        members.sort { ($0.key, $0.name.text) < ($1.key, $1.name.text) }
        return members.map(\.name)
    }

    /// How many members the groups of a zone, or of one of its clusters, list together.
    package func listedMemberCount(zone: Zone, cluster: ClusterID?) -> Int {
        if let cluster { return index.shard(of: cluster)?.groups.memberCount ?? 0 }
        return index.numbers.values.reduce(0) { count, number in
            let shard = index.shards[number]
            return count + (shard.cluster.zone == zone ? shard.groups.memberCount : 0)
        }
    }
}
