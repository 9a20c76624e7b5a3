import RosterModel

/// Finds uids and gids that were never allocated.
///
/// No other writer can interfere between search and allocation: the transaction of `source` holds the store's write
/// lock.
struct IDAllocator<Source: RowSource> {
    let source: Source
    let hints: FreeIDHints

    /// The number of allocated ids to read at once in the search for a gap, which is usually close to the last one.
    private static var pageSize: Int { 500 }

    /// The number after the largest allocated one of `numbers`, or, if that is past the end, the smallest that was
    /// never allocated. If none is allocated, it is the first of `numbers`.
    ///
    /// Records that the number is not allocated, so that no further read checks it.
    /// - Throws: `noNumberLeft`; the source's errors.
    func freeNumber(
        _ kind: IDAllocation.Kind, in numbers: ClosedRange<UInt32>, of cluster: ClusterID,
        on workingSet: inout WorkingSet
    ) throws -> UInt32 {
        let range = NumberRange(cluster: cluster, kind: kind, numbers: numbers)
        let number = try nextNumber(of: range, on: workingSet)
        workingSet.allocations.load(AllocationKey(cluster: cluster, kind: kind, number: number), nil)
        return number
    }

    private func nextNumber(of range: NumberRange, on workingSet: WorkingSet) throws -> UInt32 {
        assert(
            workingSet.largest.isLoaded(range), "the largest number of a range is loaded before a number is searched")
        guard let largest = workingSet.largest[range] else { return range.numbers.lowerBound }
        if largest < range.numbers.upperBound { return largest + 1 }
        guard let gap = try firstGap(of: range, on: workingSet) else {
            throw StoreError.noNumberLeft(in: range.numbers, kind: range.kind, of: range.cluster)
        }
        return gap
    }

    private func firstGap(of range: NumberRange, on workingSet: WorkingSet) throws -> UInt32? {
        let (first, last) = (range.numbers.lowerBound, range.numbers.upperBound)
        var number = hints.lowest(range.kind, from: first, in: range.cluster)
        while number <= last {
            let page = try source.allocatedNumbers(of: range, from: number, limit: Self.pageSize)
            var index = 0
            func isAllocated(_ number: UInt32) -> Bool {
                while index < page.count, page[index] < number { index += 1 }
                if index < page.count, page[index] == number { return true }
                let key = AllocationKey(cluster: range.cluster, kind: range.kind, number: number)
                return workingSet.allocations[key] != nil
            }
            // Beyond the end of a full page, nothing is known yet.
            let known = page.count < Self.pageSize ? last : page[page.count - 1]
            // 4294967295 is not a valid id, so adding 1 does not overflow.
            while number <= known, isAllocated(number) { number += 1 }
            if number <= known { break }
        }
        hints.record(number, range.kind, from: first, in: range.cluster)
        return number <= last ? number : nil
    }
}
