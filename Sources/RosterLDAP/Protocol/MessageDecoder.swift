package import NIOCore
import RosterModel

/// Splits a stream of bytes into messages and parses each.
///
/// It buffers at most one and a half messages; further bytes stay in the socket. The length is checked as soon as its
/// bytes arrive, so that a client cannot make it buffer more than `maximumBytes`.
package struct MessageDecoder: NIOSingleStepByteToMessageDecoder {
    /// The type of the decoded messages.
    package typealias InboundOut = LDAPMessage

    /// The default limit of a message's length; the largest accepted filter fits.
    package static let defaultMaximumBytes = 256 * 1024

    private let limit: Limit

    /// The longest message that is accepted. The connection raises it once the client is bound.
    package final class Limit {
        package var maximumBytes: Int

        /// Creates a limit.
        package init(_ maximumBytes: Int = defaultMaximumBytes) {
            self.maximumBytes = maximumBytes
        }
    }

    /// Creates a decoder with a limit.
    package init(_ limit: Limit = Limit()) {
        self.limit = limit
    }

    /// - Throws: `BERError`, after which the stream cannot be read further.
    package mutating func decode(buffer: inout ByteBuffer) throws -> LDAPMessage? {
        guard let (header, length) = try Self.header(of: buffer, maximumBytes: limit.maximumBytes),
            buffer.readableBytes >= header + length
        else { return nil }
        buffer.moveReaderIndex(forwardBy: header)
        // Copied once, so that the socket's buffer is free again. The parts of the message are slices of the copy.
        let content = buffer.readBytes(length: length) ?? []
        return try LDAPMessage(content: content[...])
    }

    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> LDAPMessage? {
        try decode(buffer: &buffer)
    }

    /// The length of the first message's header, and of the content after it; nil if too few bytes have arrived.
    private static func header(
        of buffer: ByteBuffer, maximumBytes: Int
    ) throws(BERError) -> (header: Int, length: Int)? {
        let bytes = buffer.readableBytesView
        guard let tag = bytes.first else { return nil }
        // LDAPMessage is a SEQUENCE; a TLS hello or a line of another protocol fails here.
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
