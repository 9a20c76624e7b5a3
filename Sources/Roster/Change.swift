/// One write: the rows that it makes or replaces, those that it removes, and the events that it logs.
///
/// A store commits it whole, under one revision, or not at all.
package struct Change: Sendable {
    package var clusters: [Cluster] = []
    /// Groups to make or to replace (by `key`).
    package var groups: [Group] = []
    /// Groups to make whose gid was never given in their cluster, or is given by the store.
    package var addedGroups: [AddedGroup] = []
    /// Groups to remove; each leaves a tombstone.
    package var removedGroups: [Group.Key] = []
    /// Users to make or to replace (by `id`).
    package var users: [User] = []
    /// Users to make whose uid the store gives.
    package var unnumberedUsers: [UnnumberedUser] = []
    /// Which of the users to make must be new: where one of these identifiers is taken, the commit is `outdated`, and the
    /// order is judged again with another one.
    package var newIDs: Set<HPCUserID> = []
    /// Users to remove; each leaves a tombstone.
    package var removedUsers: [HPCUserID] = []
    /// Keys to make or to replace (by `id`).
    package var keys: [AccessKey] = []
    package var events: [OperationEvent] = []
    /// When it happens: what tombstones and the ledger record.
    package var time: Timestamp

    /// The signed request that this answers, so that it is not answered twice.
    package var request: IdempotencyRecord?

    /// What must still hold; where it does not, the commit is `outdated`. Nil expects nothing.
    package var preconditions: Preconditions?

    package init(time: Timestamp) {
        self.time = time
    }

    /// A user to make with the next uid of `range` that was never given in the cluster. What its `uidNumber` says is
    /// passed over.
    package struct UnnumberedUser: Sendable {
        package let user: User
        package let range: ClosedRange<UInt32>

        package init(user: User, range: ClosedRange<UInt32>) {
            self.user = user
            self.range = range
        }
    }
}

extension Change {
    /// A group to make with a gid of its own.
    package struct AddedGroup: Sendable {
        package let group: Group
        /// The store gives the next gid of it that was never given in the cluster, and what `gidNumber` says is passed over.
        /// Nil keeps `gidNumber`, which must never have been given.
        package let range: ClosedRange<UInt32>?

        package init(group: Group, range: ClosedRange<UInt32>?) {
            self.group = group
            self.range = range
        }
    }
}

/// A signed write and its answer, remembered for as long as the request's time is valid: the same request again gets the
/// first answer and is not run again, on any replica (reference page, section 2, "Replay").
package struct IdempotencyRecord: Sendable, Equatable {
    /// What tells the request from every other: a digest of its signature.
    package let digest: [UInt8]
    /// Until when a server may still take the request.
    package let expires: Timestamp
    /// Until when a store remembers it: longer, because a request that was taken may wait for a while, and clocks of
    /// replicas differ.
    package var forgottenAfter: Timestamp { Timestamp(seconds: expires.seconds + Self.remembrance) }
    private static let remembrance: Int64 = 600
    /// 0, or the return code of what refused it.
    package let outcome: Outcome

    package enum Outcome: Sendable, Equatable {
        case done(JobID?)
        case refused(RosterError)
    }

    /// The request as a store remembers it.
    package init(digest: [UInt8], forgottenAfter: Timestamp, outcome: Outcome) {
        self.init(
            digest: digest, expires: Timestamp(seconds: forgottenAfter.seconds - Self.remembrance), outcome: outcome)
    }

    package init(digest: [UInt8], expires: Timestamp, outcome: Outcome) {
        self.digest = digest
        self.expires = expires
        self.outcome = outcome
    }
}

/// What a reader needs to go from one revision to a later one: the rows as they now are.
///
/// It is read from the rows themselves, each of which bears its revision, so that there is one truth and nothing to trim
/// (docs/decisions/0001).
package struct Delta: Sendable {
    package var from: Revision
    package var to: Revision
    package var clusters: [Cluster] = []
    package var groups: [Group] = []
    package var removedGroups: [Group.Key] = []
    package var users: [User] = []
    package var removedUsers: [RemovedUser] = []
    package var keys: [AccessKey] = []

    package init(from: Revision, to: Revision) {
        self.from = from
        self.to = to
    }

    /// A user that is gone, and where it was.
    package struct RemovedUser: Sendable, Equatable {
        package let id: HPCUserID
        package let cluster: ClusterID

        package init(id: HPCUserID, cluster: ClusterID) {
            self.id = id
            self.cluster = cluster
        }
    }
}

/// Everything that reads are answered from, at one revision.
package struct DirectoryContents: Sendable {
    package var revision: Revision
    package var clusters: [Cluster]
    package var groups: [Group]
    /// The users, as bytes.
    package var loaded: UserArena
    package var keys: [AccessKey]
    /// Which history the revision is of. Where a database lost commits in a failover, the same revisions mean something else
    /// afterwards, and it calls its history otherwise.
    package var timelineID = ""

    package init(
        revision: Revision, clusters: [Cluster] = [], groups: [Group] = [], users: [User] = [], keys: [AccessKey] = []
    ) {
        self.revision = revision
        self.clusters = clusters
        self.groups = groups
        loaded = UserArena(users)
        self.keys = keys
    }

    /// Copies of the users, for whoever needs no speed.
    package var users: [User] { loaded.users }
}
