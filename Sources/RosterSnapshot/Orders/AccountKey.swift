import RosterModel

/// An account as a sort key. Its order is total, and has no other meaning.
struct AccountKey: Comparable {
    private let bits: UInt64
    /// Empty if `bits` is the whole identifier.
    private let text: String

    init(_ account: AccountID) {
        let tail = PackedIdentifier(account.text, prefix: PackedIdentifier.accountPrefix)
        bits = tail.bits
        text = tail.isComplete ? "" : account.text
    }

    init(bits: UInt64, text: String) {
        self.bits = bits
        self.text = text
    }

    static func < (left: AccountKey, right: AccountKey) -> Bool {
        left.bits != right.bits ? left.bits < right.bits : left.text < right.text
    }
}
