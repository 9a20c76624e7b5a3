package import RosterModel

/// A batch of changes inside its transaction: each takes the next revision and its place in the operation log, or leaves no trace.
package struct ChangeBatch {
    /// What the changes so far leave to be written. Rows are loaded into it before a change is applied.
    package var workingSet = WorkingSet()
    private let chaining: any EventChaining
    private let hints: FreeIDHints
    private let before: Revision
    /// The revision of the last change that was applied.
    package private(set) var newest: Revision
    private var lastEvent: (sequence: Int64, code: [UInt8])
    private var earliest: Timestamp?

    /// - Parameters:
    ///   - before: the newest revision of the store, read under its write lock.
    ///   - lastEvent: the sequence and code of the last event of the operation log; (0, []) where it is empty.
    package init(
        after before: Revision, lastEvent: (sequence: Int64, code: [UInt8]), chaining: any EventChaining,
        hints: FreeIDHints
    ) {
        self.before = before
        self.lastEvent = lastEvent
        self.chaining = chaining
        self.hints = hints
        newest = before
    }

    /// Whether there is anything to commit.
    package var hasChanges: Bool { newest > before }

    /// The earliest time of the changes: answers that nobody may ask for by then can be forgotten.
    package var time: Timestamp { earliest ?? Timestamp(seconds: 0) }

    /// Applies a change to the batch, of which it is the only one: its users do not pass through the working set, or only in
    /// chunks. The last argument is called now and then with how many users were written so far.
    package typealias LargeChangeWriter<Source: RowSource> = (
        Change, ChangeApplier<Source>, inout ChangeBatch, @escaping @Sendable (Int) -> Void
    ) throws -> Void

    /// Applies what `pending` asks for, one after the other; each takes a revision or leaves no trace.
    /// - Parameters:
    ///   - source: the rows of the store, inside the transaction.
    ///   - basis: reads what a plan needs to know, inside the transaction.
    ///   - writeLarge: applies each change; if nil, all rows of a change pass through the working set.
    /// - Returns: the outcomes, true once the transaction is committed.
    /// - Throws: errors of the source, after which the transaction cannot go on.
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
    /// - Throws: the `StoreError` for which it is refused; it leaves no trace then. Errors of the source, after which the
    ///   transaction cannot go on.
    package mutating func apply(_ change: Change, from source: some RowSource) throws -> Revision {
        try apply(change, from: source) { applier, batch in try applier.apply(change, to: &batch.workingSet) }
    }

    /// The change that `pending` asks for.
    /// - Throws: `outdated` where its revision is not the newest, or its plan gives up; what `basis` throws.
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
            // A hint may stand on an allocation that was just undone.
            hints.forget()
            throw refusal
        }
        workingSet.markSavepoint()
        assert(applier.revision == newest.next, "a change takes the revision after the last one")
        newest = applier.revision
        return newest
    }

    /// Forgets the rows of the working set, once they are written.
    package mutating func clear() { workingSet.clear() }

    /// The events of the changes, in order, each chained to the one before it. To be called once, at the end.
    package mutating func loggedEvents() -> [LoggedEvent] {
        workingSet.events.map { event in
            lastEvent.sequence += 1
            lastEvent.code = chaining.code(after: lastEvent.code, of: event.chainedBytes(sequence: lastEvent.sequence))
            return LoggedEvent(sequence: lastEvent.sequence, event: event, code: lastEvent.code)
        }
    }
}
