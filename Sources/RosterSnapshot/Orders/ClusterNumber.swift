import RosterModel

/// The index of a cluster among the clusters of a snapshot. A cluster keeps it in all snapshots derived from that one;
/// when a directory is loaded anew, its clusters are numbered anew.
///
/// It is a distinct type because loaded users have cluster numbers of their own (`UserArena.ClusterPlace`), which are
/// the same until some cluster has no user. A number of one kind does not compile where the other is meant.
struct ClusterNumber: Sendable, Hashable {
    /// Counts from 0, without gaps.
    let value: UInt32

    init(_ place: Int) {
        value = UInt32(place)
    }

    /// The number in the record of a row without a user. It is never read.
    static let unused = ClusterNumber(0)
}

/// One element for each cluster of a snapshot, by number: for data that is built once and changed in place.
struct ClusterList<Element> {
    private(set) var elements: [Element]

    init(_ elements: [Element]) {
        self.elements = elements
    }

    subscript(number: ClusterNumber) -> Element { elements[Int(number.value)] }

    mutating func change(_ number: ClusterNumber, _ body: (inout Element) -> Void) {
        body(&elements[Int(number.value)])
    }
}

/// The clusters of a snapshot by number. A changed copy shares nearly everything with the original.
struct ClusterIndexes: Sendable {
    private var clusterIndexes = ChunkedArray<ClusterIndex>()

    var count: Int { clusterIndexes.count }

    subscript(number: ClusterNumber) -> ClusterIndex {
        get { clusterIndexes[Int(number.value)] }
        set { clusterIndexes[Int(number.value)] = newValue }
    }

    /// Adds a cluster.
    /// - Returns: its number from now on.
    mutating func append(_ clusterIndex: ClusterIndex) -> ClusterNumber {
        clusterIndexes.append(clusterIndex)
        return ClusterNumber(clusterIndexes.count - 1)
    }
}
