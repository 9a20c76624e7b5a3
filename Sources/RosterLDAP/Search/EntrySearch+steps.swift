import RosterModel
import RosterSnapshot

/// Where a search goes: the entries below its base, as steps.
extension EntrySearch {
    func firstSteps(at place: DirectoryInformationTree.DITNode) throws(LDAPOperationError) -> [Step] {
        let scope = request.scope
        switch place {
        case .root:
            // Only the entry itself: the entries below the root are the naming contexts.
            return scope == .base ? [.entry(tree.rootEntry(offersTLS: view.offersTLS))] : []
        case .subschema:
            return scope.includesBase ? [.entry(DirectoryInformationTree.subschemaEntry(of: snapshot))] : []
        case .base:
            if scope == .base { return [.entry(tree.baseEntry)] }
            let clusters = visibleClusters
            if scope == .oneLevel { return clusters.map { .entry(tree.entry(of: $0)) }.reversed() }
            let below: [Step] = clusters.map { .cluster($0.id) }.reversed()
            return scope == .subtree ? below + [.entry(tree.baseEntry)] : below
        case .cluster(let id):
            let cluster = try visible(id)
            switch scope {
            case .base: return [.entry(tree.entry(of: cluster))]
            case .oneLevel:
                let top = maps(of: id)?.all.filter { $0.place.relativeNames.count == 1 } ?? []
                return steps(for: top) + [.policy, .groups, .people].map { .clusterEntry($0, cluster.id) }
            case .subtree: return [.cluster(id)]
            case .subordinates: return stepsBelow(cluster.id)
            }
        case .people(let id):
            let entry = Step.clusterEntry(.people, try visible(id).id)
            return scope == .base ? [entry] : scope == .subtree ? [.users(id), entry] : [.users(id)]
        case .groups(let id):
            let entry = Step.clusterEntry(.groups, try visible(id).id)
            return scope == .base ? [entry] : scope == .subtree ? [.groups(id), entry] : [.groups(id)]
        case .policy(let id):
            let entry = Step.clusterEntry(.policy, try visible(id).id)
            return scope.includesBase ? [entry] : []
        case .user(let id, let name):
            let cluster = try visible(id)
            guard let row = snapshot.row(named: name, in: cluster.id), isVisible(row) else {
                throw .noSuchObject(below: tree.nameOfPeople(of: id))
            }
            return scope.includesBase ? [.user(row)] : []
        case .group(let id, let name):
            let cluster = try visible(id)
            guard let group = snapshot.group(named: name, in: cluster.id) else {
                throw .noSuchObject(below: tree.nameOfGroups(of: id))
            }
            return scope.includesBase ? [.group(group, request.filter)] : []
        case .mapEntry(let id, let place):
            let cluster = try visible(id)
            guard let maps = maps(of: cluster.id), let entry = maps[place.key] else {
                throw .noSuchObject(below: tree.text(of: nearest(above: place, in: cluster.id)))
            }
            switch scope {
            case .base: return [.mapEntry(entry)]
            case .oneLevel:
                let depth = place.relativeNames.count + 1
                return steps(for: maps.entries(below: place.key).filter { $0.place.relativeNames.count == depth })
            case .subtree: return steps(for: maps.entries(below: place.key)) + [.mapEntry(entry)]
            case .subordinates: return steps(for: maps.entries(below: place.key))
            }
        case .service: throw .noSuchObject(below: tree.base)
        case .noSuchEntry(let above):
            // Nothing is revealed about an invisible cluster, not even that it exists.
            if case .root = above { throw .noSuchObject(below: "") }
            if case .cluster(let id) = above { _ = try visible(id) }
            if case .people(let id) = above { _ = try visible(id) }
            if case .groups(let id) = above { _ = try visible(id) }
            if case .policy(let id) = above { _ = try visible(id) }
            throw .noSuchObject(below: tree.text(of: above))
        }
    }

    /// The map entries of a cluster, for callers who see all of it; nil otherwise. They define what users may do.
    func maps(of cluster: ClusterID) -> ClusterMaps? {
        view.scope.showsMaps(of: cluster) ? snapshot.maps(of: cluster) : nil
    }

    /// The nearest existing entry above a place.
    private func nearest(above place: MapPlace, in cluster: ClusterID) -> DirectoryInformationTree.DITNode {
        var above = place.parent
        while let place = above {
            if maps(of: cluster)?[place.key] != nil { return .mapEntry(cluster, place) }
            above = place.parent
        }
        return .cluster(cluster)
    }

    /// Steps for the entries that may match, the first one last.
    func steps(for entries: some Sequence<MapEntry>) -> [Step] {
        let kinds = MapEntryView.kinds(thatMayMatch: request.filter)
        return kinds.isEmpty ? [] : entries.filter { kinds.contains($0.kind) }.reversed().map { .mapEntry($0) }
    }

    func view(of entry: MapEntry) -> MapEntryView? {
        maps(of: entry.cluster).map { MapEntryView(entry: entry, tree: tree, maps: $0) }
    }

    /// Steps through everything below a cluster.
    func stepsBelow(_ id: ClusterID) -> [Step] {
        [
            .maps(id), .clusterEntry(.policy, id), .groups(id), .clusterEntry(.groups, id), .users(id),
            .clusterEntry(.people, id),
        ]
    }

    private var visibleClusters: [Cluster] {
        let ids: [ClusterID] =
            switch view.scope {
            case .all: Array(snapshot.clusterIDs)
            case .clusters(let extents): Array(extents.keys)
            }
        return ids.sorted().compactMap { snapshot.cluster($0) }
    }

    private func visible(_ id: ClusterID) throws(LDAPOperationError) -> Cluster {
        guard view.scope.visibility(in: id) != nil, let cluster = snapshot.cluster(id) else {
            throw .noSuchObject(below: tree.base)
        }
        return cluster
    }

    private func isVisible(_ row: UserRow) -> Bool {
        view.scope.visibility(in: row.cluster)?.lets(see: row) ?? false
    }

    func entry(of group: Group) -> GroupEntry? {
        view.scope.visibility(in: group.cluster).map {
            GroupEntry(group: group, tree: tree, snapshot: snapshot, visibility: $0)
        }
    }
}
