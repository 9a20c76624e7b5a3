/// How many typing errors lie between two names.
package enum EditDistance {
    /// The smallest number of bytes that must be inserted, removed, replaced or swapped with their neighbour to make one
    /// text of the other (optimal string alignment); nil if it is more than `maximum`.
    package static func between(_ left: [UInt8], _ right: [UInt8], atMost maximum: Int) -> Int? {
        guard abs(left.count - right.count) <= maximum else { return nil }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        var row = last
        for i in left.indices {
            row[0] = i + 1
            var least = row[0]
            for j in right.indices {
                var cost = min(last[j + 1], row[j]) + 1
                cost = min(cost, last[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row[j + 1] = cost
                least = min(least, cost)
            }
            // A later row can be below this one by a swap at most, which costs one more than the row before it.
            if least > maximum, (last.min() ?? 0) > maximum { return nil }
            (beforeLast, last, row) = (last, row, beforeLast)
        }
        return last[right.count] <= maximum ? last[right.count] : nil
    }
}
