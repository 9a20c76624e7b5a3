import RosterModel

/// The values of a BER encoding (X.690), as RFC 4511 section 5.1 restricts it: each tag and each length is read once, here.
///
/// The values lie in `bytes` and are not copied. `BERReader` and `BERElement` go through them.
final class BERTree {
    /// How many values may be nested in one another.
    static let maximumDepth = 50

    let bytes: ArraySlice<UInt8>
    /// The values in the order in which they are encoded: one that is constructed stands directly before its components.
    let nodes: ContiguousArray<Node>

    /// One value. Places are offsets from the start of `bytes`.
    struct Node {
        let tag: UInt8
        /// Where the content starts.
        let start: UInt32
        /// Where the content ends.
        let end: UInt32
        /// The index of the first node behind the value and its components. While the components are read it is the index of
        /// the value that this one is a component of.
        fileprivate(set) var next: UInt32
    }

    /// Reads values that stand one behind the other, with all that is nested in them.
    /// - Throws: `indefiniteLength`; `malformed` for a length beyond the end of what the value is in, a tag of several
    ///   bytes, which LDAP does not have, or too many levels; `tooLong` for more than 2³¹ bytes.
    init(_ bytes: ArraySlice<UInt8>) throws(BERError) {
        guard bytes.count <= Int(Int32.max) else { throw BERError(.tooLong, "the message is too long") }
        self.bytes = bytes
        var nodes: ContiguousArray<Node> = []
        // Few messages have more values than one for four bytes.
        nodes.reserveCapacity(bytes.count / 4 + 4)
        let fault = bytes.withUnsafeBufferPointer { Self.read($0, into: &nodes) }
        if let fault { throw fault }
        self.nodes = nodes
    }

    /// Appends all values of `bytes` to `nodes`; returns what is wrong with them.
    private static func read(_ bytes: UnsafeBufferPointer<UInt8>, into nodes: inout ContiguousArray<Node>) -> BERError?
    {
        let outside = UInt32.max
        /// The value whose components are read.
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
