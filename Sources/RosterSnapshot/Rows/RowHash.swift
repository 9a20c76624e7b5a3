import RosterModel

/// Hashes of keys, seeded per process, so that clients cannot choose colliding keys.
enum RowHash {
    private static let seed = UInt64.random(in: 0 ... .max) | 1

    static func hash(_ key: UInt64) -> UInt64 {
        // The finalizer of MurmurHash3: every bit of the key affects every bit of the hash.
        var hash = (key ^ seed) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }

    static func hash(_ uid: UInt32, in cluster: ClusterNumber) -> UInt64 {
        hash(UInt64(cluster.value) << 32 | UInt64(uid))
    }

    /// The hash of a name, ignoring ASCII case.
    static func hash(_ name: UnsafeBufferPointer<UInt8>, in cluster: ClusterNumber) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(cluster.value)
        var word: UInt64 = 0
        for (index, byte) in name.enumerated() {
            word = word << 8 | UInt64(byte.asciiLowercased)
            if index % 8 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
        hasher.combine(name.count)
        return hash(UInt64(bitPattern: Int64(hasher.finalize())))
    }
}
