import RosterModel

/// Texts side by side in one piece of memory, accessed by index. Immutable.
final class TextList: @unchecked Sendable {
    // Unchecked: only the initializer writes the memory, which lives as long as the list.

    let count: Int
    private let ends: UnsafeMutablePointer<UInt32>
    private let bytes: UnsafeMutablePointer<UInt8>

    static let empty = TextList(TextListBuilder())

    init(_ builder: TextListBuilder) {
        count = builder.ends.count
        ends = .allocate(capacity: count)
        ends.update(from: builder.ends, count: count)
        bytes = .allocate(capacity: builder.bytes.count)
        bytes.update(from: builder.bytes, count: builder.bytes.count)
    }

    deinit {
        ends.deallocate()
        bytes.deallocate()
    }

    /// The text at `index`, valid as long as the list lives.
    subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
        // Nothing else checks accesses through the pointers.
        precondition((0..<count).contains(index), "a text's place is in another list")
        let start = index == 0 ? 0 : Int(ends[index - 1])
        return UnsafeBufferPointer(start: bytes + start, count: Int(ends[index]) - start)
    }
}

/// Collects texts for a `TextList`.
struct TextListBuilder {
    fileprivate private(set) var bytes: [UInt8] = []
    fileprivate private(set) var ends: [UInt32] = []

    var count: Int { ends.count }

    mutating func append(_ text: some Collection<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(UInt32(bytes.count))
    }

    /// Whether the text at `index` equals `text`.
    func isText(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        let start = index == 0 ? 0 : Int(ends[index - 1])
        guard Int(ends[index]) - start == text.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            text.isEmpty
                || bytes.baseAddress.map { memoryIsEqual($0 + start, text.baseAddress, count: text.count) } ?? false
        }
    }
}
