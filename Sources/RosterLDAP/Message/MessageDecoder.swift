package import NIOCore
import RosterModel

/// Cuts a stream of bytes into messages and reads each.
///
/// It holds at most one message and a half: what the socket has given beyond it waits. The length is judged as soon as
/// its bytes are there, so that nobody can make it wait for more than `maximumBytes`.
package struct MessageDecoder: NIOSingleStepByteToMessageDecoder {
    package typealias InboundOut = LDAPMessage

    /// The longest message that is taken where nothing else is said: room for the largest filter that is.
    package static let defaultMaximumBytes = 256 * 1024

    private let maximumBytes: Int

    package init(maximumBytes: Int = defaultMaximumBytes) {
        self.maximumBytes = maximumBytes
    }

    /// - Throws: `BERError`; the stream cannot be read further then.
    package mutating func decode(buffer: inout ByteBuffer) throws -> LDAPMessage? {
        guard let length = try Self.length(of: buffer, maximumBytes: maximumBytes),
            let bytes = buffer.readBytes(length: length)
        else { return nil }
        try Self.checkLengths(bytes)
        return try LDAPMessage(bytes[...])
    }

    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> LDAPMessage? {
        try decode(buffer: &buffer)
    }

    /// How many bytes the first message has, with its header; nil where that cannot be told yet.
    private static func length(of buffer: ByteBuffer, maximumBytes: Int) throws(BERError) -> Int? {
        let bytes = buffer.readableBytesView
        guard let tag = bytes.first else { return nil }
        // LDAPMessage is a SEQUENCE; a TLS hello or another protocol's line ends here.
        guard tag == 0x30 else { throw BERError(.malformed, "a message was expected") }
        guard let first = bytes.dropFirst().first else { return nil }
        let header: Int
        var length = 0
        if first < 0x80 {
            (header, length) = (2, Int(first))
        } else {
            let count = Int(first & 0x7F)
            guard count > 0 else { throw BERError(.indefiniteLength, "a length without end") }
            guard count <= 4 else { throw BERError(.tooLong, "the message is too long") }
            guard bytes.count >= 2 + count else { return nil }
            for byte in bytes.dropFirst(2).prefix(count) { length = length << 8 | Int(byte) }
            header = 2 + count
        }
        guard length <= maximumBytes else { throw BERError(.tooLong, "the message is too long") }
        return header + length
    }

    /// How many values may stand in one another.
    private static let maximumDepth = 50

    /// Sees to it that no value inside has a length without end, a tag of several bytes (LDAP has none), or more bytes
    /// than what it stands in, and that not too many stand in one another.
    private static func checkLengths(_ bytes: [UInt8]) throws(BERError) {
        do {
            try bytes.withUnsafeBufferPointer { bytes in
                try withUnsafeTemporaryAllocation(of: Int.self, capacity: maximumDepth) { ends in
                    try checkLengths(bytes, ends: ends)
                }
            }
        } catch {
            throw error as? BERError ?? BERError(.malformed, "the bytes are no BER")
        }
    }

    /// - Parameter ends: room for where the values end that the place is in.
    private static func checkLengths(
        _ bytes: UnsafeBufferPointer<UInt8>, ends: UnsafeMutableBufferPointer<Int>
    ) throws(BERError) {
        var place = 0
        var depth = 0
        var end = bytes.count
        while place < bytes.count {
            while place == end, depth > 0 {
                depth -= 1
                end = ends[depth]
            }
            let tag = bytes[place]
            guard tag & 0x1F != 0x1F, place + 1 < end else {
                throw BERError(.malformed, "a tag that LDAP does not have, or none")
            }
            let first = bytes[place + 1]
            place += 2
            var length = Int(first)
            if first >= 0x80 {
                let count = Int(first & 0x7F)
                guard count > 0 else { throw BERError(.indefiniteLength, "a length without end") }
                guard count <= 4, place + count <= end else {
                    throw BERError(.malformed, "a length that goes beyond the message")
                }
                length = 0
                for index in place..<(place + count) { length = length << 8 | Int(bytes[index]) }
                place += count
            }
            guard length <= end - place else {
                throw BERError(.malformed, "a length that goes beyond the message")
            }
            guard tag & 0x20 != 0 else {
                place += length
                continue
            }
            guard depth < ends.count else { throw BERError(.malformed, "the bytes are nested too deeply") }
            ends[depth] = end
            depth += 1
            end = place + length
        }
    }
}
