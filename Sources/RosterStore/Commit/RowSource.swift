import RosterModel

/// Access to the rows of a store within the transaction that commits a batch, as `ChangeApplier` needs it.
///
/// The transaction holds the store's write lock, so that what was read stays true until the commit.
package protocol RowSource {
    /// Reads the rows that `readSet` names into `workingSet`. A key without a row is recorded as having none.
    /// - Throws: the store's own errors; the transaction cannot continue.
    func load(_ readSet: ReadSet, into workingSet: inout WorkingSet) throws

    /// The allocated numbers of `range` at or above `first`, in ascending order, at most `limit`.
    /// - Throws: the store's own errors; the transaction cannot continue.
    func allocatedNumbers(of range: NumberRange, from first: UInt32, limit: Int) throws -> [UInt32]
}
