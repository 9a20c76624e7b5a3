import RosterStore

/// Rows of one table, by key, as they are in the database or as a group of changes leaves them; what one change did can be taken
/// back.
struct RowOverlay<Key: Hashable, Row> {
    /// What is known: a row, or nil where it is known that there is none.
    private var rows: [Key: Row?] = [:]
    /// The keys whose rows are to be written, in the order in which they were first changed.
    private var changed: [Key] = []
    private var isChanged: Set<Key> = []
    private var undo: [(key: Key, before: Row??, wasChanged: Bool)] = []

    /// Whether it is known if there is such a row.
    func knows(_ key: Key) -> Bool { rows[key] != nil }

    subscript(key: Key) -> Row? { rows[key] ?? nil }

    /// All keys that are known.
    var keys: some Collection<Key> { rows.keys }

    /// Takes what the database has for `key`; what a change made of it stays.
    mutating func learn(_ key: Key, _ row: Row?) {
        if rows[key] == nil { rows[key] = .some(row) }
    }

    /// Puts a row in its place; nil takes it away.
    mutating func set(_ key: Key, _ row: Row?) {
        let wasChanged = !isChanged.insert(key).inserted
        if !wasChanged { changed.append(key) }
        undo.append((key, rows[key], wasChanged))
        rows[key] = .some(row)
    }

    /// What was done since the last `keep` stays.
    mutating func keep() { undo.removeAll(keepingCapacity: true) }

    /// Takes back what was done since the last `keep`.
    mutating func revert() {
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
    var written: [(key: Key, row: Row)] { changed.compactMap { key in self[key].map { (key, $0) } } }

    /// Forgets everything: it is in the database now, and what is needed again is read again.
    mutating func clear() { self = RowOverlay() }
}
