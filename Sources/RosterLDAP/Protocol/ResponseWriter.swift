package import NIOCore
import RosterModel

/// Writes responses directly into the outgoing buffer.
///
/// A length that is not known in advance is reserved as four bytes and filled in later. BER allows a length more bytes
/// than it needs, so nothing is written twice.
package struct ResponseWriter {
    package private(set) var buffer: ByteBuffer
    /// Where results are recorded; nil if nothing is measured.
    var metrics: LDAPMetrics?
    /// When the operation began whose result is written next.
    var operationStart = NIODeadline.distantPast

    /// A writer that appends to `buffer`.
    package init(buffer: ByteBuffer) {
        self.buffer = buffer
    }

    /// Returns the buffer and continues with an empty one.
    package mutating func drain(allocator: ByteBufferAllocator) -> ByteBuffer {
        let full = buffer
        buffer = allocator.buffer(capacity: 4096)
        return full
    }

    // MARK: Parts

    /// Writes a value whose content `body` writes.
    package mutating func write(tag: UInt8, _ body: (inout ResponseWriter) -> Void) {
        let place = begin(tag)
        body(&self)
        end(place)
    }

    /// Starts a value of unknown length; pass the returned position to `end`.
    mutating func begin(_ tag: UInt8) -> Int {
        buffer.writeInteger(tag)
        buffer.writeInteger(0x84 as UInt8)
        buffer.writeInteger(0 as UInt32)
        return buffer.writerIndex
    }

    mutating func end(_ place: Int) {
        buffer.setInteger(UInt32(buffer.writerIndex - place), at: place - 4)
    }

    /// Writes a tag and a known length.
    mutating func header(_ tag: UInt8, length: Int) {
        buffer.writeInteger(tag)
        if length < 0x80 {
            buffer.writeInteger(UInt8(length))
        } else {
            buffer.writeInteger(0x84 as UInt8)
            buffer.writeInteger(UInt32(length))
        }
    }

    /// Writes the bytes unchanged.
    mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        buffer.writeBytes(UnsafeRawBufferPointer(bytes))
    }

    mutating func write(_ bytes: [UInt8]) {
        buffer.writeBytes(bytes)
    }

    mutating func write(_ text: StaticString) {
        buffer.writeStaticString(text)
    }

    mutating func octets(_ bytes: UnsafeBufferPointer<UInt8>, tag: UInt8 = 0x04) {
        header(tag, length: bytes.count)
        buffer.writeBytes(UnsafeRawBufferPointer(bytes))
    }

    mutating func octets(_ bytes: some Collection<UInt8>, tag: UInt8 = 0x04) {
        header(tag, length: bytes.count)
        buffer.writeBytes(bytes)
    }

    mutating func octets(_ text: String, tag: UInt8 = 0x04) {
        header(tag, length: text.utf8.count)
        buffer.writeString(text)
    }

    /// A region of bounded size to write into: the buffer is grown once for all of it.
    struct Place {
        fileprivate let start: UnsafeMutableRawPointer
        fileprivate var count = 0

        mutating func byte(_ byte: UInt8) {
            start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            count += 1
        }

        mutating func header(_ tag: UInt8, length: Int) {
            byte(tag)
            if length < 0x80 {
                byte(UInt8(length))
            } else {
                byte(0x84)
                start.storeBytes(of: UInt32(length).bigEndian, toByteOffset: count, as: UInt32.self)
                count += 4
            }
        }

        mutating func bytes(_ bytes: UnsafeBufferPointer<UInt8>) {
            guard let base = bytes.baseAddress else { return }
            start.advanced(by: count).copyMemory(from: base, byteCount: bytes.count)
            count += bytes.count
        }
    }

    /// Writes at most `most` bytes; `body` must not write more.
    mutating func write(atMost most: Int, _ body: (inout Place) -> Void) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: most) { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            var place = Place(start: start)
            body(&place)
            precondition(place.count <= most, "more bytes were put than were asked for")
            return place.count
        }
    }

    /// Writes a nonnegative INTEGER or ENUMERATED.
    mutating func integer(_ value: Int32, tag: UInt8 = 0x02) {
        var count = 1
        while count < 4, value >> (8 * count - 1) != 0 { count += 1 }
        buffer.writeInteger(tag)
        buffer.writeInteger(UInt8(count))
        for place in (0..<count).reversed() { buffer.writeInteger(UInt8(truncatingIfNeeded: value >> (8 * place))) }
    }

    // MARK: Responses

    /// Writes the response that ends an operation: `LDAPResult` under the tag of its kind.
    ///
    ///     LDAPResult ::= SEQUENCE { resultCode ENUMERATED, matchedDN LDAPDN, diagnosticMessage LDAPString, … }
    package mutating func result(
        id: Int32, _ tag: Request.ResponseTag, _ code: ResultCode, matched: String = "", message: String = "",
        name: String? = nil, value: [UInt8]? = nil, page: PagedResults? = nil,
        sort: SortResult? = nil
    ) {
        // The message of the server's own has the number 0.
        if let metrics, id != 0 { metrics.record(tag, code, since: operationStart) }
        let start = begin(0x30)
        integer(id)
        let operation = begin(0x60 | tag.rawValue)
        integer(Int32(code.rawValue), tag: 0x0A)
        octets(matched)
        octets(message)
        // The two optional components of ExtendedResponse.
        if let name { octets(name, tag: 0x8A) }
        if let value { octets(value, tag: 0x8B) }
        end(operation)
        if page != nil || sort != nil {
            write(tag: 0xA0) { writer in
                if let page { writer.control(page) }
                if let sort { writer.control(sort) }
            }
        }
        end(start)
    }

    /// `SearchResultEntry ::= [APPLICATION 4] SEQUENCE { objectName LDAPDN, attributes PartialAttributeList }`
    mutating func entry(
        _ id: Int32, name: (inout ResponseWriter) -> Void, attributes: (inout ResponseWriter) -> Void
    ) {
        let start = begin(0x30)
        integer(id)
        let operation = begin(0x64)
        name(&self)
        let list = begin(0x30)
        attributes(&self)
        end(list)
        end(operation)
        end(start)
    }

    /// Announces to the client that the connection is closed, and why (RFC 4511 section 4.4.1).
    package mutating func disconnection(_ code: ResultCode, _ message: String) {
        result(id: 0, .extended, code, message: message, name: "1.3.6.1.4.1.1466.20036")
    }

    private mutating func control(_ page: PagedResults) {
        control(PagedResults.type) { writer in
            writer.integer(Int32(clamping: page.size))
            writer.octets(page.cookie)
        }
    }

    private mutating func control(_ sort: SortResult) {
        control(SortResult.type) { writer in
            writer.integer(Int32(sort.code.rawValue), tag: 0x0A)
            if let attribute = sort.attribute { writer.octets(attribute, tag: 0x80) }
        }
    }

    /// Writes a control whose value is a SEQUENCE of what `body` writes.
    private mutating func control(_ type: String, _ body: (inout ResponseWriter) -> Void) {
        write(tag: 0x30) { writer in
            writer.octets(type)
            writer.write(tag: 0x04) { writer in writer.write(tag: 0x30, body) }
        }
    }
}
