import RosterModel

/// The values of a BER encoding (X.690), as RFC 4511 section 5.1 restricts it. Each tag and each length is parsed once,
/// here.
///
/// The values stay in `bytes` and are not copied. `BERReader` and `BERElement` navigate them.
final class BERTree {
    /// How deeply values may be nested.
    static let maximumDepth = 50

    let bytes: ArraySlice<UInt8>
    /// The values in the order of their encoding: a constructed value directly precedes its components.
    let nodes: ContiguousArray<Node>

    /// One value. Positions are offsets from the start of `bytes`.
    struct Node {
        let tag: UInt8
        /// Where the content starts.
        let start: UInt32
        /// Where the content ends.
        let end: UInt32
        /// The index of the first node after the value and its components. While the components are parsed, it is the
        /// index of the value that contains this one.
        fileprivate(set) var next: UInt32
    }

    /// Parses consecutive values and everything nested in them.
    /// - Throws: `indefiniteLength`; `malformed` for a length beyond the end of the enclosing value, a tag of several
    ///   bytes, which LDAP does not use, or too many levels; `tooLong` for more than 2³¹ bytes.
    init(_ bytes: ArraySlice<UInt8>) throws(BERError) {
        guard bytes.count <= Int(Int32.max) else { throw BERError(.tooLong, "the message is too long") }
        self.bytes = bytes
        var nodes: ContiguousArray<Node> = []
        // Few messages have more than one value per four bytes.
        nodes.reserveCapacity(bytes.count / 4 + 4)
        let fault = bytes.withUnsafeBufferPointer { Self.read($0, into: &nodes) }
        if let fault { throw fault }
        self.nodes = nodes
    }

    /// Appends all values of `bytes` to `nodes`; returns the first error.
    private static func read(_ bytes: UnsafeBufferPointer<UInt8>, into nodes: inout ContiguousArray<Node>) -> BERError?
    {
        let outside = UInt32.max
        /// The constructed value whose components are being parsed.
        var parent = outside
        var depth = 0
        var end = bytes.count
        var place = 0
        while true {
            while place == end, parent != outside {
                let closed = Int(parent)
                parent = nodes[closed].next
                nodes[closed].next = UInt32(truncatingIfNeeded: nodes.count)
                depth -= 1
                end = parent == outside ? bytes.count : Int(nodes[Int(parent)].end)
            }
            guard place < end else { return nil }
            let tag = bytes[place]
            guard tag & 0x1F != 0x1F, place + 1 < end else {
                return BERError(.malformed, "a tag that LDAP does not have, or none")
            }
            let first = bytes[place + 1]
            place += 2
            var length = Int(first)
            if first >= 0x80 {
                let count = Int(first & 0x7F)
                guard count > 0 else { return BERError(.indefiniteLength, "a length without end") }
                guard count <= 4, place + count <= end else {
                    return BERError(.malformed, "a length that goes beyond the message")
                }
                length = 0
                for index in place..<(place + count) { length = length << 8 | Int(bytes[index]) }
                place += count
            }
            guard length <= end - place else {
                return BERError(.malformed, "a length that goes beyond the message")
            }
            let index = UInt32(truncatingIfNeeded: nodes.count)
            let isConstructed = tag & 0x20 != 0
            nodes.append(
                Node(
                    tag: tag, start: UInt32(truncatingIfNeeded: place), end: UInt32(truncatingIfNeeded: place + length),
                    next: isConstructed ? parent : index + 1))
            if isConstructed {
                guard depth < maximumDepth else { return BERError(.malformed, "the bytes are nested too deeply") }
                depth += 1
                parent = index
                end = place + length
            } else {
                place += length
            }
        }
    }
}
