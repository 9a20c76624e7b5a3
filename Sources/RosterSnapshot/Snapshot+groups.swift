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
        return (found.count, page.map { ListedGroup(group: $0.group, members: members(of: $0.group, scope: scope)) })
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
        let users = group.members.lazy.compactMap { self.user($0, in: group.cluster) }
        let seen: [Username] =
            if case .rows(let account) = scope.visibility(in: group.cluster) {
                users.filter { $0.account == account }.map(\.username)
            } else {
                users.map(\.username)
            }
        return seen.sorted { ($0.key, $0.text) < ($1.key, $1.text) }
    }
}
