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

    /// Every grant of a uid or gid in `cluster`, by kind and number.
    /// - Throws: `busy`, `unavailable`.
    func ledger(of cluster: ClusterID) async throws(StoreError) -> [IDAllocation]
}

extension DirectoryStore {
    /// Commits a change that is small enough to need no progress.
    package func commit(_ change: Change, ifNewest expected: Revision? = nil) async throws(StoreError) -> Revision {
        try await commit(change, ifNewest: expected) { _ in }
    }
}

/// Why a store could not do it. The set is closed.
package enum StoreError: Error, Sendable, Equatable {
    /// What the change expects no longer holds, or the newest revision is not the expected one: judge or plan again.
    case outdated
    /// A rule of the directory forbids it; the error says which, and is safe to show.
    case conflict(RosterError)
    /// The same signed request was answered before.
    case answered(IdempotencyRecord.Outcome)
    /// Another writer holds the store for too long: try again.
    case busy
    /// The medium takes no writes now: read-only, or full.
    case readOnly(cause: String)
    /// The store cannot be reached or read. The cause is for the log, not for a client.
    case unavailable(cause: String)
    /// The store went away while the commit was under way: the change was made as a whole, or will be, or never is. The cause
    /// is for the log, not for a client.
    case uncertain(cause: String)

    /// What a client may be told.
    package var clientError: RosterError {
        switch self {
        case .outdated, .busy: RosterError(.busy, "the directory is busy, try again")
        case .conflict(let error): error
        case .answered(.refused(let error)): error
        case .answered(.done): RosterError(.alreadyExists, "the same request was answered before")
        case .readOnly: RosterError(.readOnly, "the directory is read-only now")
        case .unavailable: RosterError(.busy, "the directory's store cannot be reached now, try again")
        case .uncertain:
            RosterError(
                .busy,
                "the store went away during the write, and whether it was made is not known yet: send the same request "
                    + "again: it is not run twice")
        }
    }
}

// The rules of the directory in one set of words, whatever store finds them broken.
extension StoreError {
    package static func nameTaken(_ name: Username, in cluster: ClusterID) -> StoreError {
        .conflict(RosterError(.accountExists, "username: \(name) is there already in cluster \(cluster)"))
    }

    /// - Parameters:
    ///   - holder: who has or had the number.
    ///   - until: when its holder was removed; nil while it is there.
    package static func numberTaken(
        _ number: UInt32, kind: IDAllocation.Kind = .uid, holder: String, from: Timestamp, until: Timestamp?
    ) -> StoreError {
        let end = until.map { "until \($0)" } ?? "and belongs to it now"
        return .conflict(
            RosterError(
                .alreadyExists,
                "\(kind)_number: \(number) was given to \(holder) on \(from) \(end); a number is never given again"))
    }

    package static func noNumberLeft(
        in range: ClosedRange<UInt32>, kind: IDAllocation.Kind = .uid, of cluster: ClusterID
    ) -> StoreError {
        .conflict(
            RosterError(
                .alreadyExists,
                "\(kind)_number: every number from \(range.lowerBound) to \(range.upperBound) was given in cluster "
                    + "\(cluster)"))
    }

    package static func noSuchCluster(_ cluster: ClusterID) -> StoreError {
        .conflict(RosterError(.notFound, "cluster_id: no such cluster \(cluster)"))
    }

    package static func groupTaken(_ name: String, in cluster: ClusterID) -> StoreError {
        .conflict(RosterError(.alreadyExists, "group_name: \(name) is there already in cluster \(cluster)"))
    }
}

extension StoreError: CustomStringConvertible {
    /// For an administrator: with the cause.
    package var description: String {
        switch self {
        case .outdated: "the directory was changed meanwhile, try again"
        case .conflict(let error): error.message
        case .answered: "the same request was answered before"
        case .busy: "another process is writing to the store for too long, try again"
        case .readOnly(let cause): "the store takes no writes: \(cause)"
        case .unavailable(let cause): "the store cannot be used: \(cause)"
        case .uncertain(let cause): "the store went away during the write, which may have been made: \(cause)"
        }
    }
}

/// A line of the ledger: who was given which number, from when, until when.
package struct IDAllocation: Sendable, Equatable {
    package let cluster: ClusterID
    package let kind: Kind
    package let number: UInt32
    /// The name at the time it was given.
    package let name: String
    /// The user's `hpcuser_id`; empty for a gid.
    package let holder: String
    package let from: Timestamp
    /// When its holder was removed; nil while it is there.
    package let until: Timestamp?

    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case uid
        case gid
    }

    package init(
        cluster: ClusterID, kind: Kind, number: UInt32, name: String, holder: String, from: Timestamp, until: Timestamp?
    ) {
        self.cluster = cluster
        self.kind = kind
        self.number = number
        self.name = name
        self.holder = holder
        self.from = from
        self.until = until
    }
}

extension IDAllocation {
    /// Whether the number belonged to its holder at `time`; at nil the question is whether it ever did.
    package func holds(at time: Timestamp?) -> Bool {
        guard let time else { return true }
        return from <= time && until.map { time < $0 } ?? true
    }
}

/// What an import into some clusters must know, at one revision.
package struct ImportBasis: Sendable {
    package var revision: Revision
    /// Those of the asked clusters that exist.
    package var clusters: [Cluster]
    package var groups: [Group]
    /// The groups that were removed from those clusters, without members.
    package var removedGroups: [Group]
    /// The users of those clusters.
    package var users: [User]
    /// The users that were removed from those clusters, and when.
    package var tombstones: [(user: User, time: Timestamp)]
    /// The uid grants of those clusters.
    package var allocations: [IDAllocation]
    /// Of the asked identifiers those that are taken, with their owner's cluster.
    package var takenIDs: [HPCUserID: ClusterID]

    package init(revision: Revision) {
        self.revision = revision
        clusters = []
        groups = []
        removedGroups = []
        users = []
        tombstones = []
        allocations = []
        takenIDs = [:]
    }
}
