package import RosterModel

/// Stores the directory. Queries of users, groups and clusters are not its task: snapshots answer them.
///
/// Rules that every store follows, checked by the contract suite:
/// - A commit is atomic, and on the disk before it returns. Several may reach the disk together; each has its own
///   revision, its own events and its own failure. A requested commit is carried out even if its caller's task is
///   cancelled meanwhile.
/// - Revisions have no gaps. Each row carries the revision that last changed it. A removed user leaves a tombstone.
/// - In a cluster no two existing users have the same name (ignoring ASCII case).
/// - A uid, once allocated in a cluster, belongs to that user for ever. The store enforces this (the ledger), not its
///   caller.
/// - The gid of an added group must be new. A gid that users have or had may still be given to other users, and to a
///   group that is written by its gid, as an import does: the group gives the existing gid a name.
/// - In a cluster no two existing groups have the same name (ignoring ASCII case). A removed group leaves a tombstone;
///   a removed user leaves its groups.
/// - If the store chooses a uid, it takes the number after the largest allocated one of the range or, if that is past
///   the end, the smallest that was never allocated. The same holds for a group's gid.
/// - A repeated request gets its first answer for as long as it is valid, whichever process it reaches.
/// - What the removal of a user takes from it is kept for 90 days (`DeletionRecord`), or until the user is written again.
/// - The codes of the operation log form one chain.
/// - Logins are recorded without a revision and without an event. Of two records of a user and an outcome, the later
///   stays; of two in the same second, the one that was written last.
package protocol DirectoryStore: Sendable {
    /// The whole directory at its newest revision.
    /// - Parameter progress: called from time to time with the number of users read so far.
    /// - Throws: `busy`, `unavailable`.
    func load(progress: @escaping @Sendable (Int) -> Void) async throws(StoreError) -> DirectoryContents

    /// Commits `change` under the next revision, if its preconditions still hold (`Change.preconditions`).
    /// - Parameter expected: if not nil, the commit happens only if this is the newest revision.
    /// - Parameter progress: called from time to time with the number of users written so far.
    /// - Returns: the revision of this change.
    /// - Throws: `outdated`, `conflict`, `answered`, `busy`, `readOnly`, `unavailable`: nothing was changed.
    ///   `uncertain`: the outcome is unknown; it is safe to retry the same change with the same `request`.
    func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision

    /// The changes after `revision`, up to the newest; nil if there are so many that loading again is cheaper.
    /// - Throws: `busy`, `unavailable`.
    func changes(since revision: Revision) async throws(StoreError) -> Delta?

    /// Yields an element whenever another process may have committed, at most 500 ms later; ends when its task is
    /// cancelled.
    func changeNotifications() -> AsyncStream<Void>

    /// The users that were removed from `cluster` under a name, ignoring ASCII case; the last removed first, at most
    /// `limit`. Its cost does not depend on the size of the cluster.
    /// - Parameter id: if not nil, only this user.
    /// - Throws: `busy`, `unavailable`, `damaged`.
    func deletedUsers(
        named name: String, id: HPCUserID?, in cluster: ClusterID, limit: Int
    ) async throws(StoreError) -> [DeletedUser]

    /// What an import into `clusters` must know.
    /// - Parameter ids: identifiers that the file names; for those taken, the result has the cluster of their owner.
    /// - Throws: `busy`, `unavailable`.
    func importBasis(
        for clusters: Set<ClusterID>, ids: Set<HPCUserID>
    ) async throws(StoreError) -> ImportBasis

    /// All access keys, revoked ones too, oldest first.
    /// - Throws: `busy`, `unavailable`.
    func accessKeys() async throws(StoreError) -> [AccessKey]

    /// Events of the operation log with a sequence above `sequence`, in order, at most `limit`.
    /// - Throws: `busy`, `unavailable`.
    func events(after sequence: Int64, limit: Int) async throws(StoreError) -> [LoggedEvent]

    /// The page of the operation log that `query` asks for, and the total number of matching jobs. Without a search
    /// word, the cost does not depend on the length of the log, except for counting matches of the filters.
    /// - Throws: `busy`, `unavailable`.
    func jobs(_ query: OperationQuery) async throws(StoreError) -> OperationPage

    /// A job whose stored row or links contradict its events in the log; nil if there is none. Reads the whole log.
    /// - Throws: `busy`, `unavailable`.
    func inconsistentJob() async throws(StoreError) -> JobID?

    /// Every allocation of a uid or gid in `cluster`, by kind and number.
    /// - Throws: `busy`, `unavailable`.
    func ledger(of cluster: ClusterID) async throws(StoreError) -> [IDAllocation]

    /// The allocation of one uid or gid in `cluster`; nil if the number was never allocated. Its cost does not depend
    /// on the size of the ledger.
    /// - Throws: `busy`, `unavailable`.
    func allocation(
        of number: UInt32, kind: IDAllocation.Kind, in cluster: ClusterID
    ) async throws(StoreError) -> IDAllocation?

    /// Merges records of logins into those of the store, in one transaction; at most 1,000 a call.
    /// - Throws: `busy`, `readOnly`, `unavailable`.
    func record(_ logins: [LoginRecord]) async throws(StoreError)

    /// The logins that were recorded since a mark, perhaps with some earlier ones; all of them if it is nil.
    /// - Parameter mark: of an earlier answer of this store.
    /// - Throws: `busy`, `unavailable`, `damaged`.
    func logins(since mark: Int64?) async throws(StoreError) -> LoginHistory
}

extension DirectoryStore {
    /// Commits a change that is too small to report progress.
    package func commit(_ change: Change, ifNewest expected: Revision? = nil) async throws(StoreError) -> Revision {
        try await commit(change, ifNewest: expected) { _ in }
    }
}
