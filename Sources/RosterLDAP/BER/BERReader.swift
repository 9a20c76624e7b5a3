import RosterModel

/// The components of a constructed value, taken in order.
///
/// A production ignores the components that remain after its own: RFC 4511 section 4 requires a server to ignore
/// unrecognized trailing components.
struct BERReader {
    private let tree: BERTree
    /// The index of the next component.
    private var index: Int
    private let end: Int

    /// Reads consecutive values.
    /// - Throws: the errors of `BERTree`.
    init(_ bytes: ArraySlice<UInt8>) throws(BERError) {
        self.init(try BERTree(bytes))
    }

    /// The components of `bytes`, which must be exactly one SEQUENCE.
    /// - Throws: as the initializer; also `malformed` if `bytes` are anything else.
    static func components(ofSequence bytes: ArraySlice<UInt8>) throws(BERError) -> BERReader {
        var values = try BERReader(bytes)
        let sequence = try values.next()
        guard sequence.tag == 0x30, values.isAtEnd else { throw BERError(.malformed, "a sequence was expected") }
        return try sequence.components()
    }

    private init(_ tree: BERTree) {
        self.tree = tree
        index = 0
        end = tree.nodes.count
    }

    fileprivate init(_ tree: BERTree, index: Int, end: Int) {
        self.tree = tree
        self.index = index
        self.end = end
    }

    var isAtEnd: Bool { index == end }

    /// Takes the next component.
    /// - Throws: `malformed` if there is none.
    mutating func next() throws(BERError) -> BERElement {
        guard index < end else { throw BERError(.malformed, "a component is missing") }
        return element()
    }

    /// Takes the next component if it has that tag, whether primitive or constructed; otherwise takes nothing.
    mutating func next(ifTagged tag: UInt8) -> BERElement? {
        guard index < end, tree.nodes[index].tag & ~BERElement.constructed == tag else { return nil }
        return element()
    }

    private mutating func element() -> BERElement {
        let element = BERElement(tree, index: index)
        index = element.next
        return element
    }
}

/// One value of BER, read in place.
struct BERElement {
    private let tree: BERTree
    private let index: Int
    private let node: BERTree.Node

    /// The bit of a tag that marks a constructed value.
    static let constructed: UInt8 = 0x20

    fileprivate init(_ tree: BERTree, index: Int) {
        self.tree = tree
        self.index = index
        node = tree.nodes[index]
    }

    /// The index of the first node after the value.
    fileprivate var next: Int { Int(node.next) }

    var tag: UInt8 { node.tag }

    /// The value without its header.
    var content: ArraySlice<UInt8> {
        let start = tree.bytes.startIndex
        return tree.bytes[(start + Int(node.start))..<(start + Int(node.end))]
    }

    private var isConstructed: Bool { tag & Self.constructed != 0 }

    /// The components of the value.
    /// - Throws: `malformed` if it is primitive.
    func components() throws(BERError) -> BERReader {
        guard isConstructed else { throw BERError(.malformed, "a constructed value was expected") }
        return BERReader(tree, index: index + 1, end: next)
    }

    /// The value of an OCTET STRING of the universal type; LDAP allows the primitive form only.
    func octetString() throws(BERError) -> ArraySlice<UInt8> {
        guard tag == 0x04 else { throw BERError(.malformed, "an octet string was expected") }
        return content
    }

    /// The value of an OCTET STRING, whatever its tag.
    func octets() throws(BERError) -> ArraySlice<UInt8> {
        guard !isConstructed else { throw BERError(.malformed, "an octet string was expected") }
        return content
    }

    /// The value of an INTEGER or ENUMERATED, as `tag` says, in `range`.
    func integer(tag: UInt8 = 0x02, in range: ClosedRange<Int>) throws(BERError) -> Int {
        let length = node.end - node.start
        guard self.tag == tag, !isConstructed, length > 0, length <= 8 else {
            throw BERError(.malformed, "an integer was expected")
        }
        let start = tree.bytes.startIndex
        var value = tree.bytes[start + Int(node.start)] >= 0x80 ? -1 : 0
        for place in node.start..<node.end { value = value << 8 | Int(tree.bytes[start + Int(place)]) }
        guard range.contains(value) else { throw BERError(.malformed, "an integer is out of its range") }
        return value
    }

    /// The value of a BOOLEAN, whatever its tag: any byte but zero is TRUE.
    func boolean() throws(BERError) -> Bool {
        guard !isConstructed, node.end - node.start == 1 else { throw BERError(.malformed, "a boolean was expected") }
        return tree.bytes[tree.bytes.startIndex + Int(node.start)] != 0
    }
}
