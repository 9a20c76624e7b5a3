import RosterModel
import SwiftASN1

/// One value of BER, read where it lies: what nodes send most is read without a tree of all its parts.
struct BERElement {
    let tag: UInt8
    /// The value with its header.
    let whole: ArraySlice<UInt8>
    /// Where the header ends.
    let start: Int

    /// The value without its header.
    var content: ArraySlice<UInt8> { whole[start...] }

    /// The value as a tree, for what is sent seldom.
    func node() throws(BERError) -> ASN1Node { try ASN1Node.parse(whole) }

    /// The value of an OCTET STRING of the universal type; LDAP allows the primitive form only.
    func octetString() throws(BERError) -> ArraySlice<UInt8> {
        guard tag == 0x04 else { throw BERError(.malformed, "an octet string was expected") }
        return content
    }

    /// The value of an INTEGER or ENUMERATED, as `tag` says, in `range`.
    func integer(tag: UInt8 = 0x02, in range: ClosedRange<Int>) throws(BERError) -> Int {
        let content = content
        guard self.tag == tag, let first = content.first, content.count <= 8 else {
            throw BERError(.malformed, "an integer was expected")
        }
        var value = first >= 0x80 ? -1 : 0
        for byte in content { value = value << 8 | Int(byte) }
        guard range.contains(value) else { throw BERError(.malformed, "an integer is out of its range") }
        return value
    }

    /// The value of a BOOLEAN, whatever its tag: any byte but zero is TRUE.
    func boolean() throws(BERError) -> Bool {
        guard tag & 0x20 == 0, whole.endIndex - start == 1, let byte = whole.last else {
            throw BERError(.malformed, "a boolean was expected")
        }
        return byte != 0
    }
}

/// The values that stand one after the other in the content of a constructed one.
struct BERReader {
    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(_ content: ArraySlice<UInt8>) {
        bytes = content
        place = content.startIndex
    }

    var isAtEnd: Bool { place == bytes.endIndex }

    /// The next value.
    /// - Throws: `malformed` where there is none, or none that ends in here.
    mutating func next() throws(BERError) -> BERElement {
        let first = place
        let (tag, start) = try step()
        return BERElement(tag: tag, whole: bytes[first..<place], start: start)
    }

    /// Where the content of the next value is, which must be an OCTET STRING: as `next`, without making anything.
    mutating func nextString() throws(BERError) -> Range<Int> {
        let (tag, start) = try step()
        guard tag == 0x04 else { throw BERError(.malformed, "an octet string was expected") }
        return start..<place
    }

    /// Goes over the next value: its tag, and where its content starts.
    private mutating func step() throws(BERError) -> (tag: UInt8, start: Int) {
        let start = place
        guard bytes.endIndex - start >= 2 else { throw BERError(.malformed, "a component is missing") }
        let (tag, first) = (bytes[start], bytes[start + 1])
        guard tag & 0x1F != 0x1F else { throw BERError(.malformed, "a tag that LDAP does not have") }
        var body = start + 2
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard count > 0, count <= 4, bytes.endIndex - body >= count else {
                throw BERError(.malformed, "a length that goes beyond the message")
            }
            length = 0
            for index in body..<(body + count) { length = length << 8 | Int(bytes[index]) }
            body += count
        }
        guard length <= bytes.endIndex - body else {
            throw BERError(.malformed, "a length that goes beyond the message")
        }
        place = body + length
        return (tag, body)
    }
}
