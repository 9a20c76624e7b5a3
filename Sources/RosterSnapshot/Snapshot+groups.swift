package import RosterModel

extension Snapshot {
    /// The page of groups that match `query` and are visible in `scope`, and the total number of them.
    ///
    /// A caller that sees only its own rows of a cluster sees the cluster's own group and the groups of its rows, and
    /// only itself among their members.
    /// - Throws: `notFound`, like `page`.
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

    /// Everything about a group of a cluster that the scope shows; nil if the caller sees no such group.
    /// - Parameter isAsked: whether it is the one.
    /// - Throws: `notFound`, like `page`.
    package func describedGroup(
        in cluster: ClusterID, zone: Zone, scope: Scope, where isAsked: (Group) -> Bool
    ) throws(RosterError) -> DescribedGroup? {
        _ = try self.cluster(cluster, in: zone, scope: scope)
        let visible = groupsInView(of: cluster, scope: scope)
        guard let group = visible.first(where: isAsked) else { return nil }
        let shown = Set(visible.map(\.gidNumber))
        var conditions = UserConditions(now: Timestamp(seconds: 0))
        conditions.gidNumber = group.gidNumber
        var query = UserQuery(zone: zone, cluster: cluster, limit: 0)
        query.conditions = conditions
        return DescribedGroup(
            listed: listed(group, scope: scope), allMembers: names(of: members(of: group), in: cluster, scope: scope),
            groups: groups(ofGroup: group.key).filter { shown.contains($0.gidNumber) }.map(\.name),
            primaryCount: try page(query, scope: scope).totalCount)
    }

    /// The groups of a user: its primary group, those that list it, and those that it is in through them, each once and
    /// by gid.
    package func userGroups(of user: User) -> [UserGroup] {
        guard let groups = index.clusterIndex(of: user.cluster)?.groups else { return [] }
        let listing = groups.groups(listing: user.id)
        let primary = groups[user.gidNumber].map { [UserGroup(group: $0, membership: .primary, through: [])] } ?? []
        let direct = listing.filter { $0.gidNumber != user.gidNumber }
        let known = Set(direct.map(\.gidNumber) + [user.gidNumber])
        let above = Dictionary(
            listing.map { ($0.name, Set(groups.groups(ofGroup: $0.gidNumber).map(\.gidNumber))) }
        ) { first, _ in first }
        let nested = groups[ofMember: user.id].filter { !known.contains($0.gidNumber) }.map { group in
            let through = listing.map(\.name).filter { above[$0]?.contains(group.gidNumber) ?? false }
            return UserGroup(group: group, membership: .nested, through: through)
        }
        return primary + direct.map { UserGroup(group: $0, membership: .direct, through: []) } + nested
    }

    private func listed(_ group: Group, scope: Scope) -> ListedGroup {
        let seesAll = scope.visibility(in: group.cluster) == .all
        return ListedGroup(
            group: group, members: names(of: group.members, in: group.cluster, scope: scope),
            memberGroups: seesAll ? memberGroups(of: group).map(\.name) : [],
            memberNames: seesAll ? memberNames(of: group) : [])
    }

    /// The direct member groups of a group, by gid.
    package func memberGroups(of group: Group) -> [Group] {
        group.memberGroups.sorted().compactMap { self.group(gid: $0, in: group.cluster) }
    }

    /// The direct member names of a group that belong to no user, in order.
    package func memberNames(of group: Group) -> [String] {
        group.memberNames.filter { row(named: $0, in: group.cluster) == nil }.sorted()
    }

    /// The member names of a group, direct or through other groups, that belong to no user; in order, each once.
    package func allMemberNames(of group: Group) -> [String] {
        guard let groups = index.clusterIndex(of: group.cluster)?.groups, !group.memberGroups.isEmpty else {
            return memberNames(of: group)
        }
        return Set(groups.withMemberGroups(group).flatMap { memberNames(of: $0) }).sorted()
    }

    /// The users that belong to a group, directly or through member groups, each once.
    package func members(of group: Group) -> [HPCUserID] {
        guard !group.memberGroups.isEmpty, let groups = index.clusterIndex(of: group.cluster)?.groups else {
            return group.members
        }
        return groups.members(of: group)
    }

    /// The groups that the group belongs to, directly or through others, by gid.
    package func groups(ofGroup group: Group.Key) -> [Group] {
        index.clusterIndex(of: group.cluster)?.groups.groups(ofGroup: group.gidNumber) ?? []
    }

    /// The groups that the name belongs to, directly or through others, by gid; empty for a user's name.
    package func groups(ofName name: String, in cluster: ClusterID) -> [Group] {
        guard row(named: name, in: cluster) == nil else { return [] }
        return index.clusterIndex(of: cluster)?.groups.groups(ofName: name) ?? []
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

    /// The names of those users who are in the cluster and visible, in order.
    private func names(of users: [HPCUserID], in cluster: ClusterID, scope: Scope) -> [Username] {
        var account: AccountKey?
        if case .rows(let own) = scope.visibility(in: cluster) { account = AccountKey(own) }
        // Sorting takes nearly all of the time, so each key is computed once.
        var members: [(key: String, name: Username)] = []
        members.reserveCapacity(users.count)
        for id in users {
            guard let row = index.row(of: id), index.cluster(of: row).cluster.id == cluster else { continue }
            if let account, index.table.accountKey(of: row) != account { continue }
            let name = Username(stored: String(decoding: index.row(row).username, as: UTF8.self))
            members.append((name.key, name))
        }
        members.sort { ($0.key, $0.name.text) < ($1.key, $1.name.text) }
        return members.map(\.name)
    }

    /// What a list of the groups of a zone, or of one of its clusters, costs: the number of groups and of the members
    /// that they list.
    package func listCost(zone: Zone, cluster: ClusterID?) -> Int {
        if let cluster { return index.clusterIndex(of: cluster)?.groups.listCost ?? 0 }
        return index.numbers.values.reduce(0) { cost, number in
            let clusterIndex = index.clusterIndexes[number]
            return cost + (clusterIndex.cluster.zone == zone ? clusterIndex.groups.listCost : 0)
        }
    }
}
