import RosterModel

/// A cluster's place among the clusters of a snapshot. A cluster keeps it in every snapshot that grows from that one; a
/// directory that is loaded anew numbers its clusters anew.
///
/// A type of its own, because what was loaded has numbers for clusters too (`UserArena.ClusterPlace`), and the two agree
/// until a cluster has no user. What was made for one list does not compile on the other.
struct ClusterNumber: Sendable, Hashable {
    /// From 0 on, without gaps.
    let value: UInt32

    init(_ place: Int) {
        value = UInt32(place)
    }

    /// What the record of a row without a user holds. Nobody looks there.
    static let unused = ClusterNumber(0)
}

/// An element for each cluster of a snapshot, in the order of the numbers: for what is made once and changed in place.
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

/// The clusters of a snapshot by their numbers. A changed copy shares nearly all with the one before.
struct ClusterIndexes: Sendable {
    private var shards = ChunkedArray<ClusterIndex>()

    var count: Int { shards.count }

    subscript(number: ClusterNumber) -> ClusterIndex {
        get { shards[Int(number.value)] }
        set { shards[Int(number.value)] = newValue }
    }

    /// Adds a cluster.
    /// - Returns: the number that it has from now on.
    mutating func append(_ shard: ClusterIndex) -> ClusterNumber {
        shards.append(shard)
        return ClusterNumber(shards.count - 1)
    }
}
