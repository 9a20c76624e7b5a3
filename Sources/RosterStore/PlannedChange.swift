package import RosterModel

/// A change that is planned while nobody else can write, at the state that it is committed to. For whoever planned before and
/// found each time that somebody had committed meanwhile.
package struct PlannedChange: Sendable {
    package let clusters: Set<ClusterID>
    package let ids: Set<HPCUserID>
    /// Makes the change of what `DirectoryStore.importBasis` tells of `clusters` and `ids`; nil gives it up, and the commit is
    /// `outdated`. It may be asked more than once. All other writers wait for it.
    package let plan: @Sendable (ImportBasis) -> Change?

    package init(
        clusters: Set<ClusterID>, ids: Set<HPCUserID>, plan: @escaping @Sendable (ImportBasis) -> Change?
    ) {
        self.clusters = clusters
        self.ids = ids
        self.plan = plan
    }
}

/// A store that lets a change be planned while nobody else can write.
package protocol PlanningStore: DirectoryStore {
    /// Plans a change and commits it under the next revision.
    /// - Throws: what committing the change throws; `outdated` where the plan was given up.
    func commit(
        _ planned: PlannedChange, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision
}
