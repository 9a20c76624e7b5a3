import RosterModel

/// Rows in an order: a tree that finds the row at any position. A changed copy shares all but one path with the
/// original.
///
/// It knows nothing of users: callers that change it pass a function that compares two rows. The function must be a
/// total order that holds for every row in the tree.
struct OrderStatisticTree: Sendable {
    private var root: Node

    init() {
        root = Node(rows: [])
    }

    /// Builds a tree.
    /// - Parameter rows: in order.
    init(_ rows: some RandomAccessCollection<UInt32>) {
        var level: [Node] = []
        var rest = rows[...]
        while !rest.isEmpty {
            level.append(Node(rows: Array(rest.prefix(Node.leafCapacity))))
            rest = rest.dropFirst(Node.leafCapacity)
        }
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: Node.fanOut).map {
                Node(children: Array(level[$0..<min($0 + Node.fanOut, level.count)]))
            }
        }
        root = level.first ?? Node(rows: [])
    }

    var count: Int { root.count }

    /// The row at `place`, which must be below `count`.
    subscript(place: Int) -> RowID {
        precondition((0..<count).contains(place), "an order has a row at each place below its count")
        var (node, place) = (root, place)
        while !node.children.isEmpty {
            for child in node.children {
                if place < child.count {
                    node = child
                    break
                }
                place -= child.count
            }
        }
        return RowID(node.rows[place])
    }

    /// The last row; nil if the tree is empty.
    var last: RowID? { count > 0 ? self[count - 1] : nil }

    /// The first position whose row is not before what is searched for.
    /// - Parameter isBefore: true for a prefix of the rows, false for all after it.
    func firstPlace(whereNot isBefore: (RowID) -> Bool) -> Int {
        root.firstPlace(whereNot: isBefore)
    }

    /// Calls `body` with the rows from `place` on until it returns false. If `isReversed`, it walks backward, and
    /// `place` counts from the end.
    func forEach(from place: Int, isReversed: Bool, _ body: (RowID) -> Bool) {
        precondition(place >= 0, "an order begins at place 0")
        guard place < count else { return }
        _ = root.forEach(skipping: place, isReversed: isReversed, body)
    }

    /// Inserts `row`, which must not be in the tree.
    mutating func insert(_ row: RowID, precedes: (RowID, RowID) -> Bool) {
        root = root.inserting(row, precedes: precedes).node
        if root.isOverfull {
            let right = root.split()
            root = Node(children: [root, right])
        }
    }

    /// Removes `row`, which must be in the tree.
    mutating func remove(_ row: RowID, precedes: (RowID, RowID) -> Bool) {
        root = root.removing(row, precedes: precedes)
        while root.children.count == 1 { root = root.children[0] }
    }

    /// A node: a leaf has rows, any other node children. It is never changed once it is in a published tree.
    private final class Node: @unchecked Sendable {
        // Unchecked: only `split` changes a node, and only right after its creation, before it is shared.

        private(set) var rows: [UInt32]
        private(set) var children: [Node]
        private(set) var count: Int

        static let leafCapacity = 512
        static let fanOut = 64

        init(rows: [UInt32]) {
            self.rows = rows
            children = []
            count = rows.count
        }

        init(children: [Node]) {
            rows = []
            self.children = children
            count = children.reduce(0) { $0 + $1.count }
        }

        var isOverfull: Bool { rows.count > Self.leafCapacity || children.count > Self.fanOut }

        private var first: RowID {
            var node = self
            while let child = node.children.first { node = child }
            return RowID(node.rows[0])
        }

        /// The index of the child that holds `row` or would hold it.
        private func childIndex(of row: RowID, precedes: (RowID, RowID) -> Bool) -> Int {
            var (low, high) = (1, children.count)
            while low < high {
                let middle = (low + high) / 2
                if precedes(row, children[middle].first) { high = middle } else { low = middle + 1 }
            }
            return low - 1
        }

        /// The position of `row` in a leaf, or where it would be inserted.
        private func place(of row: RowID, precedes: (RowID, RowID) -> Bool) -> Int {
            var (low, high) = (0, rows.count)
            while low < high {
                let middle = (low + high) / 2
                if precedes(RowID(rows[middle]), row) { low = middle + 1 } else { high = middle }
            }
            return low
        }

        func firstPlace(whereNot isBefore: (RowID) -> Bool) -> Int {
            var (low, high) = (0, children.isEmpty ? rows.count : children.count)
            while low < high {
                let middle = (low + high) / 2
                if isBefore(children.isEmpty ? RowID(rows[middle]) : children[middle].first) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            guard !children.isEmpty, low > 0 else { return low }
            // The position is in the last child that starts before it, or at the start of the next child.
            return children[..<(low - 1)].reduce(0) { $0 + $1.count } + children[low - 1].firstPlace(whereNot: isBefore)
        }

        func inserting(_ row: RowID, precedes: (RowID, RowID) -> Bool) -> (node: Node, isOverfull: Bool) {
            if children.isEmpty {
                var rows = rows
                let place = place(of: row, precedes: precedes)
                assert(
                    place == rows.count || precedes(row, RowID(rows[place])),
                    "the row is there, or the order is not total")
                rows.insert(row.number, at: place)
                let node = Node(rows: rows)
                return (node, node.isOverfull)
            }
            let index = childIndex(of: row, precedes: precedes)
            var children = children
            let (child, isOverfull) = children[index].inserting(row, precedes: precedes)
            children[index] = child
            if isOverfull { children.insert(child.split(), at: index + 1) }
            let node = Node(children: children)
            return (node, node.isOverfull)
        }

        /// Moves the upper half into a new node and returns it.
        func split() -> Node {
            let right: Node
            if children.isEmpty {
                right = Node(rows: Array(rows[(rows.count / 2)...]))
                rows.removeSubrange((rows.count / 2)...)
            } else {
                right = Node(children: Array(children[(children.count / 2)...]))
                children.removeSubrange((children.count / 2)...)
            }
            count -= right.count
            return right
        }

        func removing(_ row: RowID, precedes: (RowID, RowID) -> Bool) -> Node {
            if children.isEmpty {
                var rows = rows
                let place = place(of: row, precedes: precedes)
                precondition(place < rows.count && rows[place] == row.number, "the row is not where its keys say")
                rows.remove(at: place)
                return Node(rows: rows)
            }
            let index = childIndex(of: row, precedes: precedes)
            var children = children
            let child = children[index].removing(row, precedes: precedes)
            if child.count == 0 { children.remove(at: index) } else { children[index] = child }
            guard !children.isEmpty else { return Node(rows: []) }
            if let child = children.indices.contains(index) ? children[index] : nil, index > 0,
                children[index - 1].adopts(child)
            {
                // Small neighbors are merged, so that a tree that has shrunk is as flat as one built with the same
                // rows.
                children[index - 1] = children[index - 1].joined(with: child)
                children.remove(at: index)
            }
            return Node(children: children)
        }

        private func adopts(_ next: Node) -> Bool {
            children.isEmpty
                ? rows.count + next.rows.count <= Self.leafCapacity / 2
                : children.count + next.children.count <= Self.fanOut / 2
        }

        private func joined(with next: Node) -> Node {
            children.isEmpty ? Node(rows: rows + next.rows) : Node(children: children + next.children)
        }

        func forEach(skipping count: Int, isReversed: Bool, _ body: (RowID) -> Bool) -> Bool {
            if children.isEmpty {
                for step in count..<rows.count {
                    guard body(RowID(rows[isReversed ? rows.count - 1 - step : step])) else { return false }
                }
                return true
            }
            var count = count
            for index in children.indices {
                let child = children[isReversed ? children.count - 1 - index : index]
                if count >= child.count {
                    count -= child.count
                } else {
                    guard child.forEach(skipping: count, isReversed: isReversed, body) else { return false }
                    count = 0
                }
            }
            return true
        }
    }
}
