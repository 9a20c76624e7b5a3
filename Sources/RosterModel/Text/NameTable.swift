/// Names, ignoring ASCII case, and the number that each stands for. Looking one up allocates nothing.
///
/// Not generic over what the names stand for: a search looks up a dozen names, and other modules call a generic function
/// without its specialization, which costs several times the look-up.
package struct NameTable: Sendable {
    /// The names of one length, one behind the other, and the number of each.
    private struct Names: Sendable {
        var bytes: [UInt8] = []
        var values: [Int] = []
    }

    /// Indexed by the length of the name.
    private var names: [Names] = []

    /// - Parameter names: of which the first counts where one stands twice.
    package init(_ names: [(name: String, value: Int)]) {
        for (name, value) in names {
            let bytes = name.utf8.map(\.asciiLowercased)
            while self.names.count <= bytes.count { self.names.append(Names()) }
            self.names[bytes.count].bytes += bytes
            self.names[bytes.count].values.append(value)
        }
    }

    /// The number of a name in UTF-8; nil for any other name.
    package func value(of name: ArraySlice<UInt8>) -> Int? {
        name.withUnsafeBufferPointer { value(of: $0) }
    }

    /// The number of a name; nil for any other name.
    package func value(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { value(of: $0) }
    }

    private func value(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        let count = name.count
        guard count > 0, count < names.count else { return nil }
        return names[count].bytes.withUnsafeBufferPointer { known in
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
