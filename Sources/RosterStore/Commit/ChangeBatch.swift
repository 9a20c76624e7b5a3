package import RosterModel

/// A batch of changes within its transaction. Each change takes the next revision and its place in the operation log,
/// or leaves no trace.
package struct ChangeBatch {
    /// The rows that the changes so far have to write. Rows are loaded into it before a change is applied.
    package var workingSet = WorkingSet()
    private let chaining: any EventChaining
    private let hints: FreeIDHints
    private let steadyTime: SteadyTime?
    private let before: Revision
    /// The revision of the last change that was applied.
    package private(set) var newest: Revision
    private var lastEvent: (sequence: Int64, code: [UInt8])
    private var earliest: Timestamp?

    /// Starts a batch.
    /// - Parameters:
    ///   - before: the newest revision of the store, read under its write lock.
    ///   - lastEvent: the sequence and code of the last event of the operation log; (0, []) if it is empty.
    ///   - steadyTime: nil if the store's own clock decides which records can be deleted.
    package init(
        after before: Revision, lastEvent: (sequence: Int64, code: [UInt8]), chaining: any EventChaining,
        hints: FreeIDHints, steadyTime: SteadyTime? = nil
    ) {
        self.steadyTime = steadyTime
        self.before = before
        self.lastEvent = lastEvent
        self.chaining = chaining
        self.hints = hints
        newest = before
    }

    /// Whether there is anything to commit.
    package var hasChanges: Bool { newest > before }

    /// The earliest time of the changes, and no later than the steady time: idempotency records that no valid request
    /// can match at this time can be deleted.
    package var time: Timestamp {
        let time = earliest ?? Timestamp(seconds: 0)
        return steadyTime?.earliest(time) ?? time
    }

    /// Applies a change that is the only one of its batch: its users bypass the working set, or pass through it in
    /// chunks. It calls its last argument from time to time with the number of users written so far.
    package typealias LargeChangeWriter<Source: RowSource> = (
        Change, ChangeApplier<Source>, inout ChangeBatch, @escaping @Sendable (Int) -> Void
    ) throws -> Void

    /// Applies the pending changes in order; each takes a revision or leaves no trace.
    /// - Parameters:
    ///   - source: the rows of the store, within the transaction.
    ///   - basis: reads what a plan needs to know, within the transaction.
    ///   - writeLarge: applies each change; if nil, all rows of a change pass through the working set.
    /// - Returns: the outcomes, which become true once the transaction is committed.
    /// - Throws: errors of the source, after which the transaction cannot continue.
    package mutating func apply<Source: RowSource>(
        _ pending: [CommitBatcher.PendingCommit], from source: Source,
        basis: (PlannedChange) throws -> ImportBasis, writeLarge: LargeChangeWriter<Source>?
    ) throws -> [CommitBatcher.Outcome] {
        try pending.map { pending in
            do {
                let change = try change(of: pending, basis: basis)
                let revision = try apply(change, from: source) { applier, batch in
                    guard let writeLarge else { return try applier.apply(change, to: &batch.workingSet) }
                    try writeLarge(change, applier, &batch, pending.progress)
                }
                return .success(revision)
            } catch let refusal as StoreError {
                return .failure(refusal)
            }
        }
    }

    /// Applies a change under the next revision; all its rows pass through the working set.
    /// - Returns: its revision.
    /// - Throws: the `StoreError` for which the change is refused, in which case it leaves no trace; errors of the
    ///   source, after which the transaction cannot continue.
    package mutating func apply(_ change: Change, from source: some RowSource) throws -> Revision {
        try apply(change, from: source) { applier, batch in try applier.apply(change, to: &batch.workingSet) }
    }

    /// The change to apply for `pending`.
    /// - Throws: `outdated` if the expected revision is not the newest, or the plan gives up; errors of `basis`.
    private func change(
        of pending: CommitBatcher.PendingCommit, basis: (PlannedChange) throws -> ImportBasis
    ) throws -> Change {
        switch pending.work {
        case .change(let change, let expected):
            guard expected.map({ $0 == newest }) ?? true else { throw StoreError.outdated }
            return change
        case .plan(let planned):
            guard let change = planned.plan(try basis(planned)) else { throw StoreError.outdated }
            return change
        }
    }

    private mutating func apply<Source: RowSource>(
        _ change: Change, from source: Source, write: (ChangeApplier<Source>, inout ChangeBatch) throws -> Void
    ) throws -> Revision {
        earliest = min(earliest ?? change.time, change.time)
        let applier = ChangeApplier(
            revision: newest.next, time: change.time, allocator: IDAllocator(source: source, hints: hints))
        do {
            try write(applier, &self)
        } catch let refusal as StoreError {
            workingSet.rollback()
            // A hint may depend on an allocation that was just undone.
            hints.forget()
            throw refusal
        }
        workingSet.markSavepoint()
        assert(applier.revision == newest.next, "a change takes the revision after the last one")
        newest = applier.revision
        return newest
    }

    /// Discards the rows of the working set, once they are written.
    package mutating func clear() { workingSet.clear() }

    /// The events of the changes, in order, each chained to the one before it. Call it once, at the end.
    package mutating func loggedEvents() -> [LoggedEvent] {
        workingSet.events.map { event in
            lastEvent.sequence += 1
            lastEvent.code = chaining.code(after: lastEvent.code, of: event.chainedBytes(sequence: lastEvent.sequence))
            return LoggedEvent(sequence: lastEvent.sequence, event: event, code: lastEvent.code)
        }
    }
}
