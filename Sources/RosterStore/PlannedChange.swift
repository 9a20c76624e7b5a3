package import RosterModel

/// A change that is planned under the store's write lock, at the state that it is committed to. For callers whose
/// earlier plans were repeatedly outdated by other commits.
package struct PlannedChange: Sendable {
    package let clusters: Set<ClusterID>
    package let ids: Set<HPCUserID>
    /// Creates the change from `DirectoryStore.importBasis` of `clusters` and `ids`; nil gives up, and the commit is
    /// `outdated`. It may be called more than once. All other writers wait for it.
    package let plan: @Sendable (ImportBasis) -> Change?

    /// Creates a change to plan.
    package init(
        clusters: Set<ClusterID>, ids: Set<HPCUserID>, plan: @escaping @Sendable (ImportBasis) -> Change?
    ) {
        self.clusters = clusters
        self.ids = ids
        self.plan = plan
    }
}

/// A store that can plan a change under its write lock.
package protocol PlanningStore: DirectoryStore {
    /// Plans a change and commits it under the next revision.
    /// - Throws: the errors of committing a change; `outdated` if the plan gave up.
    func commit(
        _ planned: PlannedChange, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision
}
