import SwiftASN1

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
    package init(_ bytes: ArraySlice<UInt8>) throws(MessageFault) {
        let node = try ASN1Node.parse(bytes)
        guard node.identifier == .sequence else { throw MessageFault(.malformed, "a message was expected") }
        var components = try Components(node)
        id = Int32(try components.next().integer(in: 0...Int(Int32.max)))
        let operation = try components.next()
        guard operation.identifier.tagClass == .application else {
            throw MessageFault(.malformed, "a request was expected")
        }
        request = Request(operation)
        var controls: [Control] = []
        if let list = components.next(ifTagged: 0) {
            var nodes = try Components(list)
            for node in nodes.rest() { controls.append(try Control(node)) }
        }
        self.controls = controls
    }
}
