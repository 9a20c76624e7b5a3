import RosterModel
import SwiftASN1

/// The components of a constructed value, taken in order.
///
/// What is left when a production has taken its own is passed over: RFC 4511 section 4 has a server ignore components
/// that it does not know.
struct Components {
    private var nodes: ASN1NodeCollection.Iterator
    private var head: ASN1Node?

    /// - Throws: `malformed` where `node` is primitive.
    init(_ node: ASN1Node) throws(BERError) {
        guard case .constructed(let children) = node.content else {
            throw BERError(.malformed, "a constructed value was expected")
        }
        nodes = children.makeIterator()
        head = nodes.next()
    }

    /// The next component.
    /// - Throws: `malformed` where there is none.
    mutating func next() throws(BERError) -> ASN1Node {
        guard let node = head else { throw BERError(.malformed, "a component is missing") }
        head = nodes.next()
        return node
    }

    /// The next component if it bears a context tag; else it stays.
    mutating func next(ifTagged number: UInt) -> ASN1Node? {
        guard let node = head, node.identifier == ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
        else { return nil }
        head = nodes.next()
        return node
    }

    /// The next component if it is of a universal type; else it stays.
    mutating func next(if identifier: ASN1Identifier) -> ASN1Node? {
        guard let node = head, node.identifier == identifier else { return nil }
        head = nodes.next()
        return node
    }

    /// The components that are left.
    mutating func rest() -> [ASN1Node] {
        var rest: [ASN1Node] = []
        while let node = head {
            rest.append(node)
            head = nodes.next()
        }
        return rest
    }
}

extension ASN1Node {
    /// The value of an OCTET STRING, whatever its tag; LDAP allows the primitive form only.
    func octets() throws(BERError) -> ArraySlice<UInt8> {
        guard case .primitive(let bytes) = content else {
            throw BERError(.malformed, "an octet string was expected")
        }
        return bytes
    }

    /// The value of an OCTET STRING of the universal type.
    func octetString() throws(BERError) -> ArraySlice<UInt8> {
        guard identifier == .octetString else { throw BERError(.malformed, "an octet string was expected") }
        return try octets()
    }

    /// The value of an INTEGER or ENUMERATED in `range`.
    func integer(_ type: ASN1Identifier = .integer, in range: ClosedRange<Int>) throws(BERError) -> Int {
        guard identifier == type, case .primitive(let bytes) = content, let first = bytes.first, bytes.count <= 8 else {
            throw BERError(.malformed, "an integer was expected")
        }
        var value = first >= 0x80 ? -1 : 0
        for byte in bytes { value = value << 8 | Int(byte) }
        guard range.contains(value) else { throw BERError(.malformed, "an integer is out of its range") }
        return value
    }

    /// The value of a BOOLEAN, whatever its tag: any byte but zero is TRUE.
    func boolean() throws(BERError) -> Bool {
        guard case .primitive(let bytes) = content, bytes.count == 1, let byte = bytes.first else {
            throw BERError(.malformed, "a boolean was expected")
        }
        return byte != 0
    }

    /// Reads `bytes` as one value.
    /// - Throws: `malformed`, or `indefiniteLength`, which LDAP forbids in the values of its parts too.
    static func parse(_ bytes: ArraySlice<UInt8>) throws(BERError) -> ASN1Node {
        guard bytes.dropFirst().first != 0x80 else {
            throw BERError(.indefiniteLength, "a length without end")
        }
        do {
            return try BER.parse(bytes)
        } catch {
            throw BERError(.malformed, "the bytes are no BER, or nested too deeply")
        }
    }
}
