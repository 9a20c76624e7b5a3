import SwiftASN1

/// The value of the extended operation that changes a password (RFC 3062).
///
///     PasswdModifyRequestValue ::= SEQUENCE {
///         userIdentity  [0] OCTET STRING OPTIONAL,
///         oldPasswd     [1] OCTET STRING OPTIONAL,
///         newPasswd     [2] OCTET STRING OPTIONAL }
package struct PasswordModifyRequest: Sendable, Equatable {
    /// Whose password; the bound user's where it is missing.
    package let identity: ArraySlice<UInt8>?
    package let old: BindRequest.Password?
    package let new: BindRequest.Password?

    /// - Parameter value: of the extended request; nil is a request without any part.
    package init(_ value: ArraySlice<UInt8>?) throws(MessageFault) {
        guard let value else {
            (identity, old, new) = (nil, nil, nil)
            return
        }
        var components = try Components(try ASN1Node.parse(value))
        identity = try components.next(ifTagged: 0)?.octets()
        old = try components.next(ifTagged: 1).map { node throws(MessageFault) in
            BindRequest.Password(try node.octets())
        }
        new = try components.next(ifTagged: 2).map { node throws(MessageFault) in
            BindRequest.Password(try node.octets())
        }
    }
}
