package import NIOCore

/// Writes JSON (RFC 8259) straight into the buffer that is sent.
package struct JSONWriter {
    package private(set) var buffer: ByteBuffer
    private var needsComma = false

    package init(buffer: ByteBuffer) {
        self.buffer = buffer
    }

    package mutating func object<Failure: Error>(
        _ members: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try nest("{", "}", members)
    }

    package mutating func array<Failure: Error>(
        _ elements: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try nest("[", "]", elements)
    }

    private mutating func nest<Failure: Error>(
        _ open: StaticString, _ close: StaticString, _ inside: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        buffer.writeStaticString(open)
        needsComma = false
        try inside(&self)
        buffer.writeStaticString(close)
        needsComma = true
    }

    /// A member's name; its value must follow.
    /// - Parameter name: plain ASCII that needs no escape.
    package mutating func key(_ name: StaticString) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
        needsComma = false
    }

    package mutating func null() {
        separate()
        buffer.writeStaticString("null")
        needsComma = true
    }

    package mutating func number(_ value: Int) {
        separate()
        buffer.writeString(String(value))
        needsComma = true
    }

    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string($0) }
    }

    /// - Parameter text: UTF-8.
    package mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            buffer.writeBytes(text)
        } else {
            for byte in text { escape(byte) }
        }
        buffer.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A number as the API writes those of POSIX: as a string.
    package mutating func quoted(_ number: UInt32) {
        string(String(number))
    }

    /// A value that was written before, again.
    package mutating func copy(of value: ByteBuffer) {
        separate()
        buffer.writeImmutableBuffer(value)
        needsComma = true
    }

    /// The bytes that `body` writes, apart from this writer's own.
    package func value(_ body: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter(buffer: ByteBuffer())
        body(&writer)
        return writer.buffer
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
        case UInt8(ascii: "\n"): buffer.writeStaticString("\\n")
        case UInt8(ascii: "\r"): buffer.writeStaticString("\\r")
        case UInt8(ascii: "\t"): buffer.writeStaticString("\\t")
        case 0..<0x20:
            buffer.writeString("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
        default: buffer.writeInteger(byte)
        }
    }
}
