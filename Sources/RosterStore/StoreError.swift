package import RosterModel

/// Why a store could not do it. The set is closed.
package enum StoreError: Error, Sendable, Equatable {
    /// What the change expects no longer holds, or the newest revision is not the expected one: plan again.
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
        .conflict(RosterError(.accountExists, .user, "\(name) is there already in cluster \(cluster)"))
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
                .parameter("\(kind)_number"),
                "\(number) was given to \(holder) on \(from) \(end); a number is never given again"))
    }

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

    package static func noSuchCluster(_ cluster: ClusterID) -> StoreError {
        .conflict(RosterError(.notFound, .cluster, "no such cluster \(cluster)"))
    }

    /// A rule of the database's own refused the change, though no rule of the directory did: the change is at fault, and the
    /// store is well. Each store says this of its constraint violations, and of values that the database cannot hold.
    /// - Parameter code: the database's own code, for an administrator.
    package static func refusedByDatabase(_ code: String) -> StoreError {
        .conflict(RosterError(.internalError, "the database refused the change (\(code))"))
    }

    package static func groupTaken(_ name: String, in cluster: ClusterID) -> StoreError {
        .conflict(RosterError(.alreadyExists, .group, "\(name) is there already in cluster \(cluster)"))
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
