import RosterModel

/// The rows of a store inside the transaction that commits a batch: what `ChangeApplier` needs of a store.
///
/// The transaction holds the store's write lock, so that what was read stays true until it is committed.
package protocol RowSource {
    /// Reads the rows that `readSet` names into `workingSet`, which records for each key that has no row that it has none.
    /// - Throws: the store's own errors; the transaction cannot go on.
    func load(_ readSet: ReadSet, into workingSet: inout WorkingSet) throws

    /// The allocated numbers of `range` from `first` on, in ascending order, at most `limit`.
    /// - Throws: the store's own errors; the transaction cannot go on.
    func allocatedNumbers(of range: NumberRange, from first: UInt32, limit: Int) throws -> [UInt32]
}
