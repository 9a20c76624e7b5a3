package import NIOCore
import RosterModel

/// Cuts a stream of bytes into messages and reads each.
///
/// It holds at most one message and a half: what the socket has given beyond it waits. The length is checked as soon as
/// its bytes are there, so that nobody can make it wait for more than `maximumBytes`.
package struct MessageDecoder: NIOSingleStepByteToMessageDecoder {
    package typealias InboundOut = LDAPMessage

    /// The longest message that is accepted where nothing else is said: room for the largest filter that is.
    package static let defaultMaximumBytes = 256 * 1024

    private let maximumBytes: Int

    package init(maximumBytes: Int = defaultMaximumBytes) {
        self.maximumBytes = maximumBytes
    }

    /// - Throws: `BERError`; the stream cannot be read further then.
    package mutating func decode(buffer: inout ByteBuffer) throws -> LDAPMessage? {
        guard let (header, length) = try Self.header(of: buffer, maximumBytes: maximumBytes),
            buffer.readableBytes >= header + length
        else { return nil }
        buffer.moveReaderIndex(forwardBy: header)
        // Copied once, so that the buffer that the socket fills is free again. The parts of the message lie in the copy.
        let content = buffer.readBytes(length: length) ?? []
        return try LDAPMessage(content: content[...])
    }

    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> LDAPMessage? {
        try decode(buffer: &buffer)
    }

    /// How many bytes the header of the first message has, and how many follow it; nil where that cannot be told yet.
    private static func header(
        of buffer: ByteBuffer, maximumBytes: Int
    ) throws(BERError) -> (header: Int, length: Int)? {
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
        return (header, length)
    }
}
