import NIOCore
import RosterModel

/// The value of the response to a password modify operation (RFC 3062): the password, where the server made it.
///
///     PasswdModifyResponseValue ::= SEQUENCE {
///         genPasswd  [0] OCTET STRING OPTIONAL }
package struct PasswordModifyResponse: Sendable {
    /// Shown to nobody but the client.
    private let generated: String

    package init(generated: String) {
        self.generated = generated
    }

    /// In BER.
    package var bytes: [UInt8] {
        var writer = ResponseWriter(buffer: ByteBuffer())
        writer.write(tag: 0x30) { $0.octets(generated, tag: 0x80) }
        return Array(writer.buffer.readableBytesView)
    }
}
