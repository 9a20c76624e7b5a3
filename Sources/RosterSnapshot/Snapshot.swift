package import RosterModel

/// The whole directory at one revision, immutable: every read can be answered from it.
///
/// A changed snapshot shares nearly everything with its predecessor, so publishing a change never copies the directory.
package final class Snapshot: Sendable {
    package let revision: Revision
    /// The timeline of the revision (`DirectoryContents.timelineID`).
    package let timelineID: String
    let index: UserIndex
    private let keys: [AccessKeyID: ActiveKey]
    /// The map entries of each cluster that has any.
    let maps: [ClusterID: ClusterMaps]
    /// What the site declares, by key, with the declarations that were removed.
    package let declarations: [String: AttributeDeclaration]
    /// The attributes that users can have.
    package let attributes: AttributeCatalog

    /// The directory before its first change.
    package static let empty = Snapshot(DirectoryContents(revision: .none), prepareKey: { _ in nil })

    /// Builds a snapshot from loaded contents.
    /// - Parameter prepareKey: opens a key's secret; returns nil if that fails, and the key is then treated as unknown.
    package convenience init(_ contents: DirectoryContents, prepareKey: (AccessKey) -> (any SignatureVerifier)?) {
        var keys: [AccessKeyID: ActiveKey] = [:]
        for key in contents.keys { keys[key.id] = ActiveKey(key, prepareKey: prepareKey) }
        let layout = UserIndexBuilder(contents.loaded, clusters: contents.clusters)
        var maps: [ClusterID: ClusterMaps] = [:]
        maps.change(upserting: contents.mapEntries, removing: [])
        self.init(
            revision: contents.revision, timelineID: contents.timelineID,
            index: UserIndex(layout, groups: contents.groups), keys: keys, maps: maps,
            declarations: Dictionary(contents.attributes.map { ($0.key, $0) }) { first, _ in first }, attributes: nil
        )
    }

    private init(
        revision: Revision, timelineID: String, index: UserIndex, keys: [AccessKeyID: ActiveKey],
        maps: [ClusterID: ClusterMaps], declarations: [String: AttributeDeclaration], attributes: AttributeCatalog?
    ) {
        self.revision = revision
        self.timelineID = timelineID
        self.index = index
        self.keys = keys
        self.maps = maps
        self.declarations = declarations
        self.attributes =
            attributes ?? (declarations.isEmpty ? .standard : AttributeCatalog(declarations.values))
    }

    /// The snapshot after `delta`, which must start at this snapshot's revision.
    package func applying(_ delta: Delta, prepareKey: (AccessKey) -> (any SignatureVerifier)?) -> Snapshot {
        precondition(delta.from == revision && delta.to >= revision, "a delta starts where its snapshot stands")
        var (index, keys, maps) = (index, keys, maps)
        for cluster in delta.clusters { index.upsert(cluster) }
        // Removals come first: the name of a removed user may meanwhile belong to another.
        for removed in delta.removedUsers { index.remove(removed.id) }
        for user in delta.users { index.upsert(user) }
        index.change(groups: delta.groups, removing: delta.removedGroups)
        maps.change(upserting: delta.mapEntries, removing: delta.removedMapEntries)
        for key in delta.keys { keys[key.id] = ActiveKey(key, prepareKey: prepareKey) }
        var declarations = declarations
        for declaration in delta.attributes { declarations[declaration.key] = declaration }
        return Snapshot(
            revision: delta.to, timelineID: timelineID, index: index, keys: keys, maps: maps,
            declarations: declarations, attributes: delta.attributes.isEmpty ? attributes : nil)
    }

    /// The number of users in all clusters.
    package var userCount: Int { index.table.count }

    /// An active key, prepared for verifying signatures; nil for an unknown or revoked key.
    package func key(_ id: AccessKeyID) -> ActiveKey? { keys[id] }

    /// The rows of an account in all clusters.
    package func rows(of account: AccountID) -> [AccountRow] {
        index.rows(of: account).map { AccountRow(index.row($0)) }
    }

    /// The cluster with that identifier; nil if there is none.
    package func cluster(_ id: ClusterID) -> Cluster? { index.clusterIndex(of: id)?.cluster }

    /// The identifiers of the clusters of all zones.
    package var clusterIDs: Set<ClusterID> { Set(index.numbers.keys) }

    /// The user with that name, ignoring ASCII case; nil if there is none.
    package func user(named name: String, in cluster: ClusterID) -> User? {
        index.row(named: name, in: cluster).map { index.row($0).user }
    }

    /// The user with that identifier; nil if it is not in the cluster.
    package func user(_ id: HPCUserID, in cluster: ClusterID) -> User? {
        index.row(of: id).map { index.row($0) }.flatMap { $0.cluster == cluster ? $0.user : nil }
    }

    /// The row of a user of the cluster; nil if there is none.
    package func row(_ id: HPCUserID, in cluster: ClusterID) -> UserRow? {
        index.row(of: id).map { index.row($0) }.flatMap { $0.cluster == cluster ? $0 : nil }
    }

    /// The number of users of a cluster.
    package func userCount(of cluster: ClusterID) -> Int { index.clusterIndex(of: cluster)?.rows.count ?? 0 }

    /// The users of each zone by state, and its number of clusters. It reads every row.
    package func populations(at now: Timestamp) -> [Zone: Population] {
        var byCluster = ClusterList([Population](repeating: Population(), count: index.clusterIndexes.count))
        for number in index.table.blocks.indices {
            let block = index.table.blocks[number]
            for row in 0..<block.count where block.live[row] {
                let record = block[row]
                byCluster.change(record.cluster) { population in
                    if record.state == .locked {
                        population.locked += 1
                    } else if record.state.isActive(at: now, expires: block.expires(row)) {
                        population.active += 1
                    } else {
                        population.expired += 1
                    }
                }
            }
        }
        var populations: [Zone: Population] = [:]
        for (id, number) in index.numbers {
            guard let zone = cluster(id)?.zone else { continue }
            let own = byCluster[number]
            populations[zone, default: Population()].clusters += 1
            populations[zone]?.active += own.active
            populations[zone]?.locked += own.locked
            populations[zone]?.expired += own.expired
        }
        return populations
    }

    /// How many clusters a zone has, and how many users in each state.
    package struct Population: Sendable, Equatable {
        package fileprivate(set) var clusters = 0
        package fileprivate(set) var active = 0
        package fileprivate(set) var locked = 0
        package fileprivate(set) var expired = 0
    }

    /// The number of users in all clusters with a value of the attribute. It reads the attributes of all users.
    package func userCount(having attribute: UserAttribute) -> Int {
        var count = 0
        for cluster in clusterIDs {
            var search = search(.attribute(attribute, .present), in: cluster, visibility: .all)
            var budget = Int.max
            while search.next(budget: &budget) != nil { count += 1 }
        }
        return count
    }

    /// A cluster that is visible in `scope`, and the visible part of it.
    /// - Throws: `notFound`, as `page` does.
    package func cluster(
        _ id: ClusterID, in zone: Zone, scope: Scope
    ) throws(RosterError) -> (cluster: Cluster, visibility: Scope.Visibility) {
        _ = try self.zone(zone)
        let (clusterIndex, visibility) = try self.clusterIndex(id, in: zone, scope: scope)
        return (clusterIndex.cluster, visibility)
    }

    /// The groups of a cluster, by gid.
    package func groups(of cluster: ClusterID) -> [Group] {
        index.clusterIndex(of: cluster).map { $0.groups.all.sorted { $0.gidNumber < $1.gidNumber } } ?? []
    }

    /// Whether a cluster has any groups.
    package func hasGroups(of cluster: ClusterID) -> Bool { !(index.clusterIndex(of: cluster)?.groups.isEmpty ?? true) }

    /// The groups whose names may match `text` under a rule that ignores case and needless spaces, by gid; some may not
    /// match.
    package func groups(thatMayBeCalled text: String, in cluster: ClusterID) -> [Group] {
        index.clusterIndex(of: cluster)?.groups.mayBeCalled(text) ?? []
    }

    /// The group with that gid; nil if there is none.
    package func group(gid: UInt32, in cluster: ClusterID) -> Group? { index.clusterIndex(of: cluster)?.groups[gid] }

    /// The group with that name, ignoring ASCII case; nil if there is none.
    package func group(named name: String, in cluster: ClusterID) -> Group? {
        index.clusterIndex(of: cluster)?.groups[named: name]
    }

    /// The groups of a cluster that the user belongs to, directly or through other groups, by gid. The user's primary
    /// group is included only if it lists the user, itself or through other groups.
    package func groups(ofMember id: HPCUserID, in cluster: ClusterID) -> [Group] {
        index.clusterIndex(of: cluster)?.groups[ofMember: id] ?? []
    }

    /// Whether the user belongs to the group, directly or through other groups.
    package func isMember(_ id: HPCUserID, of group: Group.Key) -> Bool {
        index.clusterIndex(of: group.cluster)?.groups.isMember(id, of: group.gidNumber) ?? false
    }

    /// Whether any user of the cluster has this gid. It reads the rows until it finds one.
    package func hasUser(withGID gid: UInt32, in cluster: ClusterID) -> Bool {
        guard let clusterIndex = index.clusterIndex(of: cluster) else { return false }
        var isFound = false
        clusterIndex.rows[.createTime].forEach(from: 0, isReversed: false) { row in
            isFound = index.table[row].gidNumber == gid
            return !isFound
        }
        return isFound
    }

    /// The clusters of a zone that are visible in `scope`: all of them, or only `cluster`.
    /// - Throws: `notFound`, as `page` does.
    package func clustersInView(zone: Zone, cluster: ClusterID?, scope: Scope) throws(RosterError) -> [Cluster] {
        let inZone = try self.zone(zone)
        if let cluster { return [try clusterIndex(cluster, in: zone, scope: scope).clusterIndex.cluster] }
        return inZone.clusters.compactMap {
            scope.visibility(in: $0) == nil ? nil : index.clusterIndex(of: $0)?.cluster
        }
    }

    func zone(_ zone: Zone) throws(RosterError) -> ZoneIndex {
        guard let found = index.zones[zone] else { throw RosterError(.notFound, .zone, "no such zone \(zone)") }
        return found
    }

    func clusterIndex(
        _ id: ClusterID, in zone: Zone, scope: Scope
    ) throws(RosterError) -> (clusterIndex: ClusterIndex, visibility: Scope.Visibility) {
        guard let visibility = scope.visibility(in: id), let clusterIndex = index.clusterIndex(of: id),
            clusterIndex.cluster.zone == zone
        else {
            throw RosterError(.notFound, .cluster, "no such cluster \(id)")
        }
        return (clusterIndex, visibility)
    }
}

extension AccountRow {
    init(_ row: UserRow) {
        let record = row.block[row.index]
        self.init(
            id: HPCUserID(stored: row.block.withID(row.index) { String(decoding: $0, as: UTF8.self) }),
            cluster: row.cluster, role: record.role, state: record.state, expires: row.block.expires(row.index))
    }
}

/// An active key and its prepared secret.
package struct ActiveKey: Sendable {
    package let principal: Principal
    package let verifier: any SignatureVerifier
    package let secret: SealedSecret

    /// Prepares a key; nil if it is revoked or cannot be opened.
    init?(_ key: AccessKey, prepareKey: (AccessKey) -> (any SignatureVerifier)?) {
        guard key.revokeTime == nil, let verifier = prepareKey(key) else { return nil }
        principal = key.principal
        secret = key.secret
        self.verifier = verifier
    }
}
