/// Texts side by side in one buffer, found by their place in the list.
struct TextList: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [UInt32] = []

    var count: Int { ends.count }

    mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(UInt32(bytes.count))
    }

    /// Calls `body` with the text at `index`.
    func withText<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let start = index == 0 ? 0 : Int(ends[index - 1])
        let end = Int(ends[index])
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<end])) }
    }

    /// Where `text` stands in the list; nil where it does not.
    func firstIndex(of text: UnsafeBufferPointer<UInt8>) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            for (index, end) in ends.enumerated() {
                if Int(end) - start == text.count,
                    let base = bytes.baseAddress,
                    memoryIsEqual(base + start, text.baseAddress, count: text.count)
                {
                    return index
                }
                start = Int(end)
            }
            return nil
        }
    }

    /// Gives back what was reserved for growth.
    mutating func trim() {
        bytes = Array(unsafeUninitializedCapacity: bytes.count) { [bytes] buffer, count in
            _ = buffer.initialize(fromContentsOf: bytes)
            count = bytes.count
        }
        ends = Array(unsafeUninitializedCapacity: ends.count) { [ends] buffer, count in
            _ = buffer.initialize(fromContentsOf: ends)
            count = ends.count
        }
    }
}
