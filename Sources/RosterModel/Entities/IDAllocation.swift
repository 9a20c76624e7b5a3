/// A line of the ledger: who was given which number, from when, until when.
package struct IDAllocation: Sendable, Equatable {
    package let cluster: ClusterID
    package let kind: Kind
    package let number: UInt32
    /// The name at the time it was given.
    package let name: String
    /// The user's `hpcuser_id`; empty for a gid.
    package let holder: String
    package let from: Timestamp
    /// When its holder was removed; nil while it is there.
    package let until: Timestamp?

    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case uid
        case gid
    }

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
    /// Whether the number belonged to its holder at `time`; at nil the question is whether it ever did.
    package func holds(at time: Timestamp?) -> Bool {
        guard let time else { return true }
        return from <= time && until.map { time < $0 } ?? true
    }
}
