package import NIOCore
package import RosterModel
import RosterStore

/// Writes JSON (RFC 8259) in its final form.
///
/// It owns plain memory and writes bytes there directly, because the server writes tens of thousands of responses a
/// second. For the same reason it cannot be copied.
package struct JSONWriter: ~Copyable {
    private var bytes: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// How many bytes were written; also the position of the next one.
    package private(set) var count = 0
    private var needsComma = false

    /// - Parameter capacity: the expected number of bytes; the buffer grows if there are more.
    package init(capacity: Int = 1024) {
        self.capacity = capacity
        bytes = .allocate(capacity: capacity)
    }

    deinit {
        bytes.deallocate()
    }

    /// A copy of everything written.
    package var buffer: ByteBuffer { ByteBuffer(bytes: UnsafeBufferPointer(start: bytes, count: count)) }

    /// Writes an object whose members `members` writes.
    /// - Throws: what `members` throws.
    package mutating func object<Failure: Error>(
        _ members: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try container("{", "}", members)
    }

    /// Writes an array whose elements `elements` writes.
    /// - Throws: what `elements` throws.
    package mutating func array<Failure: Error>(
        _ elements: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try container("[", "]", elements)
    }

    private mutating func container<Failure: Error>(
        _ open: StaticString, _ close: StaticString, _ inside: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        append(open)
        needsComma = false
        try inside(&self)
        append(close)
        needsComma = true
    }

    /// Writes a member's name; its value must follow.
    /// - Parameter name: plain ASCII that needs no escape.
    package mutating func key(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        reserve(length + 4)
        if needsComma { store(UInt8(ascii: ",")) }
        store(UInt8(ascii: "\""))
        store(name.utf8Start, count: length)
        store(UInt8(ascii: "\""))
        store(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member's name that is known only at run time; its value must follow.
    package mutating func key(named name: String) {
        string(name)
        reserve(1)
        store(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes null.
    package mutating func null() {
        separate()
        append("null")
        needsComma = true
    }

    /// Writes true or false.
    package mutating func boolean(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
        needsComma = true
    }

    /// Writes a decimal integer.
    package mutating func number(_ value: Int) {
        separate()
        digits(value)
        needsComma = true
    }

    /// Writes a string, with escapes where JSON needs them.
    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string($0) }
    }

    /// Writes a string, with escapes where JSON needs them.
    /// - Parameter text: UTF-8.
    package mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        separate()
        // An escaped byte takes at most six bytes.
        reserve(6 * text.count + 2)
        store(UInt8(ascii: "\""))
        if let base = text.baseAddress {
            if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                store(base, count: text.count)
            } else {
                for byte in text { escape(byte) }
            }
        }
        store(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes a POSIX number in the API's form: as a string.
    package mutating func quoted(_ number: UInt32) {
        separate()
        reserve(2)
        store(UInt8(ascii: "\""))
        digits(Int(number))
        append("\"")
        needsComma = true
    }

    /// Writes a time in the API's form.
    package mutating func time(_ time: Timestamp) {
        separate()
        reserve(Timestamp.iso8601Length + 2)
        store(UInt8(ascii: "\""))
        time.writeISO8601(to: bytes + count)
        count += Timestamp.iso8601Length
        store(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes a copy of a value that was written before.
    /// - Parameter range: from `count` before the value was written to `count` after it.
    package mutating func again(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "only what was written is written again")
        separate()
        reserve(range.count)
        (bytes + count).update(from: bytes + range.lowerBound, count: range.count)
        count += range.count
        needsComma = true
    }

    private mutating func separate() {
        guard needsComma else { return }
        append(",")
        needsComma = false
    }

    private mutating func digits(_ value: Int) {
        reserve(20)
        DecimalDigits.withText(of: Int64(value)) { digits in
            if let base = digits.baseAddress { store(base, count: digits.count) }
        }
    }

    private mutating func append(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        store(text.utf8Start, count: text.utf8CodeUnitCount)
    }

    @inline(__always)
    private mutating func reserve(_ length: Int) {
        if capacity - count < length { grow(length) }
    }

    @inline(never)
    private mutating func grow(_ length: Int) {
        capacity = max(2 * capacity, count + length)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: bytes, count: count)
        bytes.deallocate()
        bytes = larger
    }

    /// Stores a byte; the caller has reserved room for it.
    @inline(__always)
    private mutating func store(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    /// Stores bytes; the caller has reserved room for them.
    @inline(__always)
    private mutating func store(_ start: UnsafePointer<UInt8>, count length: Int) {
        (bytes + count).update(from: start, count: length)
        count += length
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        case 0..<0x20:
            append("\\u00")
            store(Hex.digit(byte >> 4))
            store(Hex.digit(byte & 0xF))
        default: store(byte)
        }
    }
}
