extension Collection<UInt8> {
    /// Whether the bytes are those of `other`, found in a time that depends on the lengths only: how much of a secret
    /// was guessed does not show.
    package func equalsInConstantTime(_ other: some Collection<UInt8>) -> Bool {
        count == other.count && zip(self, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
