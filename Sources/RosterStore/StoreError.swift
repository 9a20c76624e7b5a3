package import RosterModel

/// Why a store could not do something. The set is closed.
package enum StoreError: Error, Sendable, Equatable {
    /// A precondition no longer holds, or the newest revision is not the expected one: plan again.
    case outdated
    /// A rule of the directory forbids the change; the error says which, and is safe to show.
    case conflict(RosterError)
    /// The same signed request was answered before.
    case answered(IdempotencyRecord.Outcome)
    /// Another writer has held the store for too long: try again.
    case busy
    /// The store accepts no writes at present: it is read-only, or full.
    case readOnly(cause: String)
    /// The store cannot be reached or read. The cause is for the log, not for a client.
    case unavailable(cause: String)
    /// Rows of the store are not as they were written, and nothing is read from it.
    /// - Parameter rows: some of the rows, each by its table and key, for an administrator.
    case damaged(rows: [String])
    /// The connection to the store failed during the commit: the change was made as a whole, or will be, or never will
    /// be. The cause is for the log, not for a client.
    case uncertain(cause: String)

    /// The error to show to a client.
    package var clientError: RosterError {
        switch self {
        case .outdated, .busy: RosterError(.busy, "the directory is busy, try again")
        case .conflict(let error): error
        case .answered(.refused(let error)): error
        case .answered(.done): RosterError(.alreadyExists, "the same request was answered before")
        case .readOnly: RosterError(.readOnly, "the directory is read-only now")
        case .unavailable: RosterError(.busy, "the directory's store cannot be reached now, try again")
        case .damaged: RosterError(.internalError, description)
        case .uncertain:
            RosterError(
                .busy,
                "the store went away during the write, and whether it was made is not known yet: send the same request "
                    + "again: it is not run twice")
        }
    }
}

// The directory's rules in the same words, whichever store finds one broken.
extension StoreError {
    /// The name belongs to another user of the cluster.
    package static func nameTaken(_ name: Username, in cluster: ClusterID) -> StoreError {
        .conflict(RosterError(.accountExists, .user, "\(name) is there already in cluster \(cluster)"))
    }

    /// The number was allocated before.
    /// - Parameters:
    ///   - holder: the name that has or had the number.
    ///   - until: when its holder was removed; nil if it exists.
    package static func numberTaken(
        _ number: UInt32, kind: IDAllocation.Kind = .uid, holder: String, from: Timestamp, until: Timestamp?
    ) -> StoreError {
        let end = until.map { "until \($0)" } ?? "and belongs to it now"
        return .conflict(
            RosterError(
                .alreadyExists,
                .parameter("\(kind)_number"),
                "\(number) was given to \(holder) on \(from) \(end); a number is never given again"))
    }

    /// Every number of the range was allocated before.
    package static func noNumberLeft(
        in range: ClosedRange<UInt32>, kind: IDAllocation.Kind = .uid, of cluster: ClusterID
    ) -> StoreError {
        .conflict(
            RosterError(
                .alreadyExists,
                .parameter("\(kind)_number"),
                "every number from \(range.lowerBound) to \(range.upperBound) was given in cluster "
                    + "\(cluster)"))
    }

    /// The cluster does not exist.
    package static func noSuchCluster(_ cluster: ClusterID) -> StoreError {
        .conflict(RosterError(.notFound, .cluster, "no such cluster \(cluster)"))
    }

    /// A rule of the database refused the change, though none of the directory did: the change is at fault, and the
    /// store is healthy. Each store uses this for constraint violations, and for values that the database cannot hold.
    /// - Parameter code: the database's own code, for an administrator.
    package static func refusedByDatabase(_ code: String) -> StoreError {
        .conflict(RosterError(.internalError, "the database refused the change (\(code))"))
    }

    /// The name belongs to another group of the cluster.
    package static func groupTaken(_ name: String, in cluster: ClusterID) -> StoreError {
        .conflict(RosterError(.alreadyExists, .group, "\(name) is there already in cluster \(cluster)"))
    }
}

extension StoreError: CustomStringConvertible {
    /// The error with its cause, for an administrator.
    package var description: String {
        switch self {
        case .outdated: "the directory was changed meanwhile, try again"
        case .conflict(let error): error.message
        case .answered: "the same request was answered before"
        case .busy: "another process is writing to the store for too long, try again"
        case .readOnly(let cause): "the store takes no writes: \(cause)"
        case .unavailable(let cause): "the store cannot be used: \(cause)"
        case .damaged(let rows):
            "the store is damaged: \(rows.joined(separator: "; ")). Restore it from a backup; "
                + "roster store check tells everything that is damaged"
        case .uncertain(let cause): "the store went away during the write, which may have been made: \(cause)"
        }
    }
}
