/// A dictionary in many parts, so that a changed copy copies one part and not the whole.
struct SpreadMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var parts: [[Key: Value]]

    private static var partCount: Int { 1024 }

    init(_ values: [Key: Value]) {
        parts = Array(repeating: [:], count: Self.partCount)
        for (key, value) in values { self[key] = value }
    }

    private func part(of key: Key) -> Int {
        Int(UInt(bitPattern: key.hashValue) % UInt(Self.partCount))
    }

    subscript(key: Key) -> Value? {
        get { parts[part(of: key)][key] }
        set { parts[part(of: key)][key] = newValue }
    }

    subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
        get { self[key] ?? value() }
        set { self[key] = newValue }
    }
}
