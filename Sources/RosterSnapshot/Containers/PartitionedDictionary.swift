import RosterModel

/// A dictionary in parts: changing a copy copies one part and shares the others.
struct PartitionedDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var parts: [[Key: Value]] = [[:]]
    private(set) var count = 0

    /// The average number of keys per part above which the parts are split.
    private static var partSize: Int { 64 }

    subscript(key: Key) -> Value? {
        get { parts[part(of: key)][key] }
        set {
            let part = part(of: key)
            let before = parts[part].count
            parts[part][key] = newValue
            count += parts[part].count - before
            if count > parts.count * Self.partSize { split() }
        }
    }

    var values: some Sequence<Value> { parts.lazy.flatMap(\.values) }

    private func part(of key: Key) -> Int {
        // The number of parts is a power of two.
        key.hashValue & (parts.count - 1)
    }

    private mutating func split() {
        let before = parts
        parts = Array(repeating: [:], count: before.count * 4)
        for (key, value) in before.joined() { parts[part(of: key)][key] = value }
    }
}
