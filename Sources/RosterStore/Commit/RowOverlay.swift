/// Rows of one table by key, as they are in the database or as a batch of changes leaves them. The effects of one
/// change can be undone.
package struct RowOverlay<Key: Hashable, Row> {
    /// The rows that were loaded or set; a nil value means that the key has no row.
    private var rows: [Key: Row?] = [:]
    /// The keys of the rows to write, in the order in which they were first changed.
    private var changed: [Key] = []
    private var isChanged: Set<Key> = []
    private var undo: [(key: Key, before: Row??, wasChanged: Bool)] = []

    /// Whether it is known if the key has a row.
    package func isLoaded(_ key: Key) -> Bool { rows[key] != nil }

    /// The row of a key; nil if it has none or was not loaded.
    package subscript(key: Key) -> Row? { rows[key] ?? nil }

    /// All keys that were loaded or set.
    package var keys: some Collection<Key> { rows.keys }

    /// Records the database's row for `key`, nil if it has none, unless the key was loaded or set before.
    package mutating func load(_ key: Key, _ row: Row?) {
        if rows[key] == nil { rows[key] = .some(row) }
    }

    /// Sets the row of `key`; nil removes it.
    mutating func set(_ key: Key, _ row: Row?) {
        let wasChanged = !isChanged.insert(key).inserted
        if !wasChanged { changed.append(key) }
        undo.append((key, rows[key], wasChanged))
        rows[key] = .some(row)
    }

    /// Makes everything set so far permanent: a rollback no longer undoes it.
    mutating func markSavepoint() { undo.removeAll(keepingCapacity: true) }

    /// Undoes everything set since the last savepoint.
    mutating func rollback() {
        for step in undo.reversed() {
            rows[step.key] = step.before
            if !step.wasChanged {
                isChanged.remove(step.key)
                changed.removeLast()
            }
        }
        undo.removeAll(keepingCapacity: true)
    }

    /// The rows to write, in the order in which they were first changed. Removed rows are left out.
    package var written: [(key: Key, row: Row)] { changed.compactMap { key in self[key].map { (key, $0) } } }

    /// Discards everything, once it is written. Rows that are needed again are read again.
    mutating func clear() { self = RowOverlay() }
}
