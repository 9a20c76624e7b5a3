/// A set of users: eight bytes for each whose identifier Roster made.
package struct UserIDSet: Sendable, Equatable {
    private var packed: Set<UInt64> = []
    private var others: Set<String> = []

    /// Creates an empty set.
    package init() {}

    package var count: Int { packed.count + others.count }

    package mutating func insert(_ id: HPCUserID) {
        let tail = PackedIdentifier(id.text, prefix: PackedIdentifier.userPrefix)
        if tail.isComplete { packed.insert(tail.bits) } else { others.insert(id.text) }
    }

    /// - Parameter packed: the bits of a complete `PackedIdentifier`.
    package mutating func insert(packed bits: UInt64) { packed.insert(bits) }

    /// - Parameter id: the text of an identifier.
    package func contains(_ id: UnsafeBufferPointer<UInt8>) -> Bool {
        let tail = PackedIdentifier(id, prefix: PackedIdentifier.userPrefix)
        if tail.isComplete { return packed.contains(tail.bits) }
        return !others.isEmpty && others.contains(String(decoding: id, as: UTF8.self))
    }
}
