package import RosterModel
package import RosterSnapshot

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
