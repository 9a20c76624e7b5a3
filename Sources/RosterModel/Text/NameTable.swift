/// Names without regard to ASCII case, and what they stand for. A look-up makes nothing: each search has a dozen of
/// them.
package struct NameTable<Value: Sendable>: Sendable {
    /// The names of one length, one behind the other, and what each stands for.
    @usableFromInline struct Names: Sendable {
        @usableFromInline var bytes: [UInt8] = []
        @usableFromInline var values: [Value] = []
    }

    /// Indexed by the length of the name.
    @usableFromInline var names: [Names] = []

    /// - Parameter names: of which the first counts where one stands twice.
    package init(_ names: [(name: String, value: Value)]) {
        for (name, value) in names {
            let bytes = name.utf8.map(\.asciiLowercased)
            while self.names.count <= bytes.count { self.names.append(Names()) }
            self.names[bytes.count].bytes += bytes
            self.names[bytes.count].values.append(value)
        }
    }

    /// Nil for any other name. Inlinable, because each search looks up a dozen names, and a generic function of another
    /// module is slow.
    @inlinable package func value(of name: ArraySlice<UInt8>) -> Value? {
        let count = name.count
        guard count > 0, count < names.count else { return nil }
        return name.withUnsafeBufferPointer { name in
            names[count].bytes.withUnsafeBufferPointer { known in
                var start = 0
                while start < known.count {
                    var place = 0
                    while place < count, known[start + place] == name[place].asciiLowercased { place += 1 }
                    if place == count { return names[count].values[start / count] }
                    start += count
                }
                return nil
            }
        }
    }
}
