/// Rows of one table, by key, as they are in the database or as a batch of changes leaves them. What one change did can be
/// undone.
package struct RowOverlay<Key: Hashable, Row> {
    /// The rows that were loaded or set; nil for a key that has no row.
    private var rows: [Key: Row?] = [:]
    /// The keys whose rows are to be written, in the order in which they were first changed.
    private var changed: [Key] = []
    private var isChanged: Set<Key> = []
    private var undo: [(key: Key, before: Row??, wasChanged: Bool)] = []

    /// Whether it is known if there is such a row.
    package func isLoaded(_ key: Key) -> Bool { rows[key] != nil }

    /// The row of a key; nil if it has none, or if that is not known.
    package subscript(key: Key) -> Row? { rows[key] ?? nil }

    /// All keys that are known.
    package var keys: some Collection<Key> { rows.keys }

    /// Records what the database has for `key`, unless that was loaded or changed before.
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

    /// What was set so far cannot be undone any more.
    mutating func markSavepoint() { undo.removeAll(keepingCapacity: true) }

    /// Undoes what was set since the last savepoint.
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

    /// The rows to be written, in the order in which they were first changed.
    package var written: [(key: Key, row: Row)] { changed.compactMap { key in self[key].map { (key, $0) } } }

    /// Forgets everything, once it is written. What is needed again is read again.
    mutating func clear() { self = RowOverlay() }
}
