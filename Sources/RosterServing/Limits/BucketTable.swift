import RosterModel

/// The buckets that are not known to be full, by key, with access to the fullest.
///
/// A binary heap over slots, each of which knows its position in the heap: finding a bucket costs one hash lookup, and
/// no more is needed to move it. A call costs at most the logarithm of the number of keys, except for the few at which
/// the table doubles (some 40 ms in all on the way to 100,000 keys; the table never shrinks).
struct BucketTable<Key: Hashable> {
    private struct Bucket {
        let key: Key
        var fullAt: Int128
        /// Its index in `heap`.
        var position: Int
    }

    private var buckets: [Bucket] = []
    private var slots: [Key: Int] = [:]
    /// Slots in heap order; the bucket that is full first is at the top.
    private var heap: [Int] = []

    var count: Int { buckets.count }

    /// When the fullest bucket is full; nil if there are no buckets.
    var earliestFullAt: Int128? {
        heap.first.map { buckets[$0].fullAt }
    }

    /// When the key's bucket is full; nil if it is not stored, and so is full.
    func fullAt(_ key: Key) -> Int128? {
        slots[key].map { buckets[$0].fullAt }
    }

    /// Stores `fullAt` for the key; it must not be earlier than the stored value.
    mutating func set(_ key: Key, fullAt: Int128) {
        if let slot = slots[key] {
            buckets[slot].fullAt = fullAt
            sink(from: buckets[slot].position)
        } else {
            slots[key] = buckets.count
            heap.append(buckets.count)
            buckets.append(Bucket(key: key, fullAt: fullAt, position: heap.count - 1))
            siftUp(from: heap.count - 1)
        }
    }

    /// Removes the bucket that is full first; there must be one.
    mutating func removeFullest() {
        let slot = heap[0]
        exchange(0, heap.count - 1)
        heap.removeLast()
        if !heap.isEmpty { sink(from: 0) }
        slots[buckets[slot].key] = nil
        // The last bucket moves into the gap, so that slots stay dense.
        let last = buckets.removeLast()
        if slot < buckets.count {
            buckets[slot] = last
            slots[last.key] = slot
            heap[last.position] = slot
        }
    }

    private mutating func siftUp(from start: Int) {
        var position = start
        while position > 0, isFuller(position, than: (position - 1) / 2) {
            exchange(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
    }

    private mutating func sink(from start: Int) {
        var position = start
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, isFuller(child + 1, than: child) { child += 1 }
            guard isFuller(child, than: position) else { return }
            exchange(position, child)
            position = child
        }
    }

    private func isFuller(_ position: Int, than other: Int) -> Bool {
        buckets[heap[position]].fullAt < buckets[heap[other]].fullAt
    }

    private mutating func exchange(_ position: Int, _ other: Int) {
        heap.swapAt(position, other)
        buckets[heap[position]].position = position
        buckets[heap[other]].position = other
    }
}
