import RosterModel

/// The value of the extended operation that changes a password (RFC 3062).
///
///     PasswdModifyRequestValue ::= SEQUENCE {
///         userIdentity  [0] OCTET STRING OPTIONAL,
///         oldPasswd     [1] OCTET STRING OPTIONAL,
///         newPasswd     [2] OCTET STRING OPTIONAL }
package struct PasswordModifyRequest: Sendable, Equatable {
    /// Whose password to change; nil means the bound user's.
    package let identity: ArraySlice<UInt8>?
    package let old: BindRequest.Password?
    package let new: BindRequest.Password?

    /// - Parameter value: the value of the extended request; nil is a request without components.
    /// - Throws: `malformed`, also for an unknown or misplaced component.
    package init(_ value: ArraySlice<UInt8>?) throws(BERError) {
        guard let value else {
            (identity, old, new) = (nil, nil, nil)
            return
        }
        var components = try BERReader.components(ofSequence: value)
        identity = try components.next(ifTagged: 0x80)?.octets()
        old = try components.next(ifTagged: 0x81).map { password throws(BERError) in
            BindRequest.Password(try password.octets())
        }
        new = try components.next(ifTagged: 0x82).map { password throws(BERError) in
            BindRequest.Password(try password.octets())
        }
        // Ignoring a misplaced old password would skip its verification.
        guard components.isAtEnd else { throw BERError(.malformed, "a component is out of place") }
    }
}
