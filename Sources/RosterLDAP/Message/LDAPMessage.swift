import RosterModel

/// What a client sends, and in which everything else is wrapped.
///
///     LDAPMessage ::= SEQUENCE {
///         messageID   INTEGER (0 .. 2147483647),
///         protocolOp  CHOICE { … },
///         controls    [0] SEQUENCE OF Control OPTIONAL }
package struct LDAPMessage: Sendable, Equatable {
    /// The number that the answers bear.
    package let id: Int32
    package let request: Request
    package let controls: [Control]

    package init(id: Int32, request: Request, controls: [Control] = []) {
        self.id = id
        self.request = request
        self.controls = controls
    }

    /// Reads one whole message.
    /// - Throws: a fault of the envelope. What is wrong with the request inside is `Request.unreadable`.
    package init(_ bytes: ArraySlice<UInt8>) throws(BERError) {
        var outside = BERReader(bytes)
        let message = try outside.next()
        guard message.tag == 0x30, outside.isAtEnd else {
            throw BERError(.malformed, "a message was expected")
        }
        var components = BERReader(message.content)
        id = Int32(try components.next().integer(in: 0...Int(Int32.max)))
        let operation = try components.next()
        guard operation.tag >> 6 == 1 else { throw BERError(.malformed, "a request was expected") }
        request = try Request(operation)
        var controls: [Control] = []
        if !components.isAtEnd {
            let list = try components.next()
            guard list.tag != 0x80 else { throw BERError(.malformed, "a constructed value was expected") }
            if list.tag == 0xA0 {
                var elements = BERReader(list.content)
                while !elements.isAtEnd { controls.append(try Control(try elements.next().node())) }
            }
        }
        self.controls = controls
    }
}
