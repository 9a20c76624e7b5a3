package import RosterModel
package import RosterSnapshot

/// What is asked of the operation log.
package struct OperationQuery: Sendable {
    /// What the caller may see.
    package var scope: OperationScope
    /// Only these; empty is all.
    package var jobs: Set<JobID> = []
    package var status: OperationEvent.Status?
    package var action: String?
    /// Only jobs that acted on one of these; empty is all.
    package var resources: Set<String> = []
    package var owner: AccountID?
    /// Only jobs that began in this time, both ends included.
    package var start: Timestamp?
    package var end: Timestamp?
    /// A literal part of the action, a resource or the description, without regard to case.
    package var searchWord: String?
    /// The newest first, instead of the oldest.
    package var isReversed = false
    package var offset = 0
    package var limit = UserQuery.defaultLimit

    package init(scope: OperationScope) {
        self.scope = scope
    }
}

/// What of the operation log may be seen: members see what they asked for themselves, admins their clusters' too.
package struct OperationScope: Sendable {
    /// The clusters of the zone whose jobs may be seen.
    package let clusters: Set<ClusterID>
    /// All jobs of this account.
    package let account: AccountID?
    /// Whether every job may be seen, those that are about no cluster too, keys for instance.
    package let isGlobal: Bool
    /// The clusters of the zone that may be seen, and those of other zones. A job about neither shows in every zone.
    package let zone: Set<ClusterID>
    package let elsewhere: Set<ClusterID>

    package init(
        clusters: Set<ClusterID>, account: AccountID?, isGlobal: Bool, zone: Set<ClusterID>,
        elsewhere: Set<ClusterID>
    ) {
        self.clusters = clusters
        self.account = account
        self.isGlobal = isGlobal
        self.zone = zone
        self.elsewhere = elsewhere
    }

    func shows(_ job: Operation) -> Bool {
        guard job.clusters.contains(where: zone.contains) || !job.clusters.contains(where: elsewhere.contains) else {
            return false
        }
        return isGlobal || job.clusters.contains(where: clusters.contains)
            || account != nil && job.owner == account
    }

    /// The job without the names of clusters that may not be seen: one import may be about several.
    func masked(_ job: Operation) -> Operation {
        guard !isGlobal, job.clusters.count > 1 else { return job }
        let hidden = Set(job.clusters.filter { !clusters.contains($0) }.map(\.text))
        guard !hidden.isEmpty else { return job }
        var job = job
        job.resources.removeAll { hidden.contains($0) }
        // It counts users of all of them.
        job.message = "about other clusters too"
        return job
    }
}

extension OperationScope {
    /// What `actor` may see of the operation log in one zone.
    /// - Throws: `notFound` for a zone that does not exist; `permissionDenied` for a reader key.
    package init(of actor: CommandActor, zone: Zone, in snapshot: Snapshot) throws(RosterError) {
        try actor.authorization.requireOperationLog()
        let inZone = try snapshot.clustersInView(zone: zone, cluster: nil, scope: .all).map(\.id)
        let administered = inZone.filter { actor.scope.visibility(in: $0) == .all }
        // An invisible cluster must look like one that does not exist: the zone of its jobs must not reveal it.
        let visible = snapshot.clusterIDs.filter { actor.scope.visibility(in: $0) != nil }
        self.init(
            clusters: Set(administered), account: actor.account, isGlobal: actor.scope == .all,
            zone: visible.intersection(inZone), elsewhere: visible.subtracting(inZone))
    }
}
