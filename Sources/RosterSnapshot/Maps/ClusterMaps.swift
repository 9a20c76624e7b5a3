package import RosterModel

/// The map entries of one cluster, in key order, in which the descendants of an entry follow it.
///
/// A changed copy has its own list but shares the entries with the original: a site has a few thousand at most.
package struct ClusterMaps: Sendable {
    private var held: [Held] = []

    /// An entry as a reference, so that copying the list does not copy entries.
    private final class Held: Sendable {
        let entry: MapEntry
        let key: MapPlace.Key

        init(_ entry: MapEntry) {
            self.entry = entry
            key = entry.place.key
        }
    }

    init() {}

    package var isEmpty: Bool { held.isEmpty }
    package var count: Int { held.count }

    /// All entries, in key order.
    package var all: some RandomAccessCollection<MapEntry> { held.lazy.map(\.entry) }

    /// The entry at `key`; nil if there is none.
    package subscript(key: MapPlace.Key) -> MapEntry? {
        let place = firstPlace(notBefore: key)
        guard place < held.endIndex, held[place].key == key else { return nil }
        return held[place].entry
    }

    /// The entries below `key` at any depth, in key order.
    package func entries(below key: MapPlace.Key) -> some RandomAccessCollection<MapEntry> {
        var start = firstPlace(notBefore: key)
        if start < held.endIndex, held[start].key == key { start += 1 }
        var (low, high) = (start, held.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if held[middle].key.isBelow(key) { low = middle + 1 } else { high = middle }
        }
        return held[start..<low].lazy.map(\.entry)
    }

    /// Whether an entry is below `key`.
    package func hasEntries(below key: MapPlace.Key) -> Bool { !entries(below: key).isEmpty }

    private func firstPlace(notBefore key: MapPlace.Key) -> Int {
        var (low, high) = (held.startIndex, held.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if held[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A copy without `removed`, and with `entries` added or replacing those with the same keys.
    func changed(upserting entries: [MapEntry], removing removed: Set<MapPlace.Key>) -> ClusterMaps {
        let put = entries.map(Held.init).sorted { $0.key < $1.key }
        let gone = removed.union(put.lazy.map(\.key))
        var result = ClusterMaps()
        result.held.reserveCapacity(held.count + put.count)
        var rest = put[...]
        for one in held where !gone.contains(one.key) {
            while let next = rest.first, next.key < one.key { result.held.append(rest.removeFirst()) }
            result.held.append(one)
        }
        result.held += rest
        return result
    }
}

extension [ClusterID: ClusterMaps] {
    /// Removes entries, then adds or replaces others.
    mutating func change(upserting entries: [MapEntry], removing removed: [MapEntry.Key]) {
        guard !entries.isEmpty || !removed.isEmpty else { return }
        let put = [ClusterID: [MapEntry]](grouping: entries, by: \.cluster)
        let gone = [ClusterID: [MapEntry.Key]](grouping: removed, by: \.cluster)
        for cluster in Set(put.keys).union(gone.keys) {
            let changed = (self[cluster] ?? ClusterMaps()).changed(
                upserting: put[cluster] ?? [], removing: Set((gone[cluster] ?? []).lazy.map(\.place)))
            self[cluster] = changed.isEmpty ? nil : changed
        }
    }
}

extension Snapshot {
    /// The map entries of a cluster; nil if it has none.
    package func maps(of cluster: ClusterID) -> ClusterMaps? { maps[cluster] }
}
