import RosterModel

/// The envelope of every request.
///
///     LDAPMessage ::= SEQUENCE {
///         messageID   INTEGER (1 .. 2147483647),
///         protocolOp  CHOICE { … },
///         controls    [0] SEQUENCE OF Control OPTIONAL }
package struct LDAPMessage: Sendable, Equatable {
    /// The number that the responses repeat; 0 is reserved for unsolicited notifications by the server.
    package let id: Int32
    package let request: Request
    package let controls: [Control]

    /// The maximum number of controls of a message. Clients send one to four; each costs work before a bind.
    static let maximumControls = 16
}

extension LDAPMessage {
    /// Parses the content of one message: the bytes after its header.
    /// - Throws: an error in the encoding or in the envelope; `tooComplex` beyond `maximumControls`. An error inside the
    ///   request becomes `Request.unreadable` instead.
    package init(content: ArraySlice<UInt8>) throws(BERError) {
        var components = try BERReader(content)
        id = Int32(try components.next().integer(in: 1...Int(Int32.max)))
        let operation = try components.next()
        guard operation.tag >> 6 == 1 else { throw BERError(.malformed, "a request was expected") }
        request = Request(operation)
        var controls: [Control] = []
        if !components.isAtEnd {
            let list = try components.next()
            guard list.tag != 0x80 else { throw BERError(.malformed, "a constructed value was expected") }
            if list.tag == 0xA0 {
                var elements = try list.components()
                while !elements.isAtEnd {
                    guard controls.count < Self.maximumControls else {
                        throw BERError(.tooComplex, "the message has more than \(Self.maximumControls) controls")
                    }
                    controls.append(try Control(try elements.next()))
                }
            }
        }
        self.controls = controls
    }
}
