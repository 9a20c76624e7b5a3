import Dispatch
import Synchronization

/// Builds arrays on all cores without a copy of their elements, of which an import has millions.
enum ParallelArray {
    /// The elements of one part. Only the part's own iteration appends to it.
    struct Section<Element>: ~Copyable {
        private let slots: UnsafeMutableBufferPointer<Element>
        /// The number of elements appended so far.
        private(set) var count = 0

        fileprivate init(_ slots: UnsafeMutableBufferPointer<Element>) { self.slots = slots }

        /// Appends an element; a section has room for one element for each index of its range.
        mutating func append(_ element: Element) {
            // Nothing else checks accesses to this memory.
            precondition(count < slots.count, "a part has more elements than its range has indexes")
            slots.initializeElement(at: count, to: element)
            count += 1
        }
    }

    /// Builds an array from `ranges`, which follow each other from 0 on, each on any core.
    /// - Parameter build: appends the elements of a range to its section, at most as many as the range has indexes.
    /// - Returns: the elements in the order of the ranges, and what `build` returned for each range.
    static func build<Element: Sendable, Part: Sendable>(
        _ ranges: [Range<Int>], build: @Sendable (Range<Int>, inout Section<Element>) -> Part
    ) -> (elements: [Element], parts: [Part]) {
        let capacity = ranges.last?.upperBound ?? 0
        precondition(
            zip([0..<0] + ranges, ranges).allSatisfy { $0.upperBound == $1.lowerBound }, "the ranges leave gaps")
        var parts: [Part] = []
        let elements = [Element](unsafeUninitializedCapacity: capacity) { slots, count in
            // No two ranges share a slot.
            nonisolated(unsafe) let slots = slots
            let built = Mutex<[Int: (count: Int, part: Part)]>([:])
            DispatchQueue.concurrentPerform(iterations: ranges.count) { number in
                var section = Section(UnsafeMutableBufferPointer(rebasing: slots[ranges[number]]))
                let part = build(ranges[number], &section)
                let count = section.count
                built.withLock { $0[number] = (count, part) }
            }
            let results = built.withLock { built in ranges.indices.compactMap { built[$0] } }
            precondition(results.count == ranges.count, "a part was not built")
            for (range, result) in zip(ranges, results) {
                // Sections that are not full leave empty slots behind them.
                if let base = slots.baseAddress {
                    (base + count).moveInitialize(from: base + range.lowerBound, count: result.count)
                }
                count += result.count
                parts.append(result.part)
            }
        }
        return (elements, parts)
    }
}
