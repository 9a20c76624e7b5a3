import NIOCore
import RosterModel

/// The value of the response to a password modify operation (RFC 3062): the password, if the server generated it.
///
///     PasswdModifyResponseValue ::= SEQUENCE {
///         genPasswd  [0] OCTET STRING OPTIONAL }
package struct PasswordModifyResponse: Sendable {
    /// Sent to the client only.
    private let generated: String

    /// A response with a generated password.
    package init(generated: String) {
        self.generated = generated
    }

    /// The BER encoding.
    package var bytes: [UInt8] {
        var writer = ResponseWriter(buffer: ByteBuffer())
        writer.write(tag: 0x30) { $0.octets(generated, tag: 0x80) }
        return Array(writer.buffer.readableBytesView)
    }
}
