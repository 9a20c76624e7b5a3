import RosterModel

/// Sets the identity of the client.
///
///     BindRequest ::= [APPLICATION 0] SEQUENCE {
///         version         INTEGER (1 .. 127),
///         name            LDAPDN,
///         authentication  CHOICE { simple [0] OCTET STRING, sasl [3] SaslCredentials, … } }
package struct BindRequest: Sendable, Equatable {
    package let version: Int
    /// The UTF-8 of a distinguished name, not parsed yet.
    package let name: ArraySlice<UInt8>
    package let authentication: Authentication

    /// How the client authenticates.
    package enum Authentication: Sendable, Equatable {
        case simple(Password)
        /// A SASL mechanism, or an unknown choice.
        case other
    }

    /// A password as received. Its descriptions never reveal it.
    package struct Password: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
        CustomReflectable
    {
        package let bytes: ArraySlice<UInt8>

        /// A password of these bytes.
        package init(_ bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
        }

        package var description: String { "(password)" }
        package var debugDescription: String { description }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }
}

extension BindRequest {
    init(_ element: BERElement) throws(BERError) {
        var components = try element.components()
        version = try components.next().integer(in: 1...127)
        name = try components.next().octetString()
        if let password = components.next(ifTagged: 0x80) {
            authentication = .simple(Password(try password.octets()))
        } else {
            _ = try components.next()
            authentication = .other
        }
    }
}
