/// An entry of the ledger: a number, its holder, and from when until when it was held.
package struct IDAllocation: Sendable, Equatable {
    package let cluster: ClusterID
    package let kind: Kind
    package let number: UInt32
    /// The name of the user or group for which the number was allocated, at that time.
    package let name: String
    /// The user's `hpcuser_id`; empty for a gid.
    package let holder: String
    package let from: Timestamp
    /// When the holder was removed; nil while it exists.
    package let until: Timestamp?

    /// The kind of number.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case uid
        case gid
    }

    /// Creates an entry of the ledger.
    package init(
        cluster: ClusterID, kind: Kind, number: UInt32, name: String, holder: String, from: Timestamp, until: Timestamp?
    ) {
        self.cluster = cluster
        self.kind = kind
        self.number = number
        self.name = name
        self.holder = holder
        self.from = from
        self.until = until
    }
}

extension IDAllocation {
    /// Whether the holder had the number at `time`; always true for nil, which means at any time.
    package func holds(at time: Timestamp?) -> Bool {
        guard let time else { return true }
        return from <= time && until.map { time < $0 } ?? true
    }
}
