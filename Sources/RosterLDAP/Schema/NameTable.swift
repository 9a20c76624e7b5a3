import Roster

/// Names without regard to ASCII case, and what they stand for. A look-up makes nothing: each search has a dozen of them.
struct NameTable<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let name: [UInt8]
        let value: Value
    }

    /// By the length of the name.
    private var entries: [[Entry]] = []

    init(_ names: [(name: String, value: Value)]) {
        for (name, value) in names {
            let bytes = name.utf8.map(\.asciiLowercased)
            while entries.count <= bytes.count { entries.append([]) }
            entries[bytes.count].append(Entry(name: bytes, value: value))
        }
    }

    func value(of name: ArraySlice<UInt8>) -> Value? {
        guard name.count < entries.count else { return nil }
        return entries[name.count].first { entry in
            zip(entry.name, name).allSatisfy { $0 == $1.asciiLowercased }
        }?.value
    }
}
