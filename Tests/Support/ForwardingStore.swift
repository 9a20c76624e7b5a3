package import RosterModel
package import RosterStore

/// A store that passes every call on to another one: a test double states only what it does otherwise.
package protocol ForwardingStore: DirectoryStore {
    var store: MemoryStore { get }
}

extension ForwardingStore {
    package func load(progress: @escaping @Sendable (Int) -> Void) async throws(StoreError) -> DirectoryContents {
        try await store.load(progress: progress)
    }

    package func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision {
        try await store.commit(change, ifNewest: expected, progress: progress)
    }

    package func changes(since revision: Revision) async throws(StoreError) -> Delta? {
        try await store.changes(since: revision)
    }

    package func changeNotifications() -> AsyncStream<Void> { store.changeNotifications() }

    package func deletedUsers(
        named name: String, id: HPCUserID?, in cluster: ClusterID, limit: Int
    ) async throws(StoreError) -> [DeletedUser] {
        try await store.deletedUsers(named: name, id: id, in: cluster, limit: limit)
    }

    package func importBasis(
        for clusters: Set<ClusterID>, ids: Set<HPCUserID>
    ) async throws(StoreError) -> ImportBasis {
        try await store.importBasis(for: clusters, ids: ids)
    }

    package func accessKeys() async throws(StoreError) -> [AccessKey] { try await store.accessKeys() }

    package func events(after sequence: Int64, limit: Int) async throws(StoreError) -> [LoggedEvent] {
        try await store.events(after: sequence, limit: limit)
    }

    package func jobs(_ query: OperationQuery) async throws(StoreError) -> OperationPage { try await store.jobs(query) }

    package func inconsistentJob() async throws(StoreError) -> JobID? { try await store.inconsistentJob() }

    package func ledger(of cluster: ClusterID) async throws(StoreError) -> [IDAllocation] {
        try await store.ledger(of: cluster)
    }

    package func allocation(
        of number: UInt32, kind: IDAllocation.Kind, in cluster: ClusterID
    ) async throws(StoreError) -> IDAllocation? {
        try await store.allocation(of: number, kind: kind, in: cluster)
    }

    package func record(_ logins: [LoginRecord]) async throws(StoreError) { try await store.record(logins) }

    package func logins(since mark: Int64?) async throws(StoreError) -> LoginHistory {
        try await store.logins(since: mark)
    }
}
