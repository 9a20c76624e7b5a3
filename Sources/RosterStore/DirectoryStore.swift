package import RosterModel

/// A store: it keeps the directory and answers no question about it but these.
///
/// Rules that every store holds, and the contract suite checks:
/// - A commit is whole or not at all, and is on the disk before it returns. Several may reach the disk together; each keeps
///   its own revision, its own events and its own failure. One that was asked for is carried out even where its caller's
///   task is cancelled meanwhile.
/// - Revisions have no gaps; each row bears the one that last touched it; a removed user leaves a tombstone.
/// - In one cluster no two users that are there have the same name (without regard to ASCII case).
/// - A uid_number, once given in a cluster, belongs to that user for ever: the ledger. It is kept here, not by the caller.
/// - So does a gid of a supplementary group that is added. A gid that users have or had may be given to them and to a group
///   that is put by its gid, as an import does: it names the gid that is there.
/// - In one cluster no two groups that are there have the same name (without regard to ASCII case). A removed group leaves a
///   tombstone; a removed user leaves its groups.
/// - A user whose uid the store gives gets the number after the largest given in its range; where that is past the end,
///   the smallest that was never given. The same holds for a group's gid.
/// - A request that was answered is answered the same again, for as long as it is valid, whatever process it reaches.
/// - The codes of the operation log form one chain.
package protocol DirectoryStore: Sendable {
    /// The whole directory at its newest revision.
    /// - Parameter progress: called now and then with how many users were read so far.
    /// - Throws: `busy`, `unavailable`.
    func load(progress: @escaping @Sendable (Int) -> Void) async throws(StoreError) -> DirectoryContents

    /// Commits `change` under the next revision, if what it expects still holds (`Change.preconditions`).
    /// - Parameter expected: where given, the commit happens only if this is the newest revision.
    /// - Parameter progress: called now and then with how many users were written so far.
    /// - Returns: the revision of this change.
    /// - Throws: `outdated`, `conflict`, `answered`, `busy`, `readOnly`, `unavailable`: nothing was changed then. `uncertain`:
    ///   nobody knows yet; the same change with the same `request` is safe to ask for again.
    func commit(
        _ change: Change, ifNewest expected: Revision?, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreError) -> Revision

    /// What changed after `revision`, up to the newest; nil where that is so much that loading again is cheaper.
    /// - Throws: `busy`, `unavailable`.
    func changes(since revision: Revision) async throws(StoreError) -> Delta?

    /// An element whenever another process may have committed, at most 500 ms late; ends when its task is cancelled.
    func changeNotifications() -> AsyncStream<Void>

    /// What an import into `clusters` must know.
    /// - Parameter ids: identifiers that the file names; those taken are answered with the cluster of their owner.
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

    /// The jobs of the operation log that `query` asks for, and how many there are in all. Without a search word, the cost does not
    /// depend on the length of the log, except for counting what the filters find.
    /// - Throws: `busy`, `unavailable`.
    func jobs(_ query: OperationQuery) async throws(StoreError) -> OperationPage

    /// A job that is kept otherwise than its events in the log tell; nil where there is none. Reads the whole log.
    /// - Throws: `busy`, `unavailable`.
    func inconsistentJob() async throws(StoreError) -> JobID?

    /// Every allocation of a uid or gid in `cluster`, by kind and number.
    /// - Throws: `busy`, `unavailable`.
    func ledger(of cluster: ClusterID) async throws(StoreError) -> [IDAllocation]

    /// The allocation of one uid or gid in `cluster`; nil if the number was never given. Its cost does not depend on the size
    /// of the ledger.
    /// - Throws: `busy`, `unavailable`.
    func allocation(
        of number: UInt32, kind: IDAllocation.Kind, in cluster: ClusterID
    ) async throws(StoreError) -> IDAllocation?
}

extension DirectoryStore {
    /// Commits a change that is small enough to need no progress.
    package func commit(_ change: Change, ifNewest expected: Revision? = nil) async throws(StoreError) -> Revision {
        try await commit(change, ifNewest: expected) { _ in }
    }
}
