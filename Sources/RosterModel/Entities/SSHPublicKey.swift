/// A public key as a line of sshd(8)'s authorized_keys has it: type, base64, and a comment. Options are no part of it.
package struct SSHPublicKey: Sendable, Equatable {
    /// `ssh-ed25519`, say.
    package let type: String
    /// The comment; empty where there is none.
    package let comment: String
    /// The key as the SSH protocol sends it (RFC 4253 section 6.6).
    package let blob: [UInt8]

    private static let types: Set<String> = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// The least bits of the modulus of an RSA key.
    package static let leastRSABits = 2048

    /// - Throws: `invalidParameter` for `sshPublicKey`.
    package init(_ line: some StringProtocol) throws(RosterError) {
        func fault(_ message: String) -> RosterError { .invalid(UserAttribute.sshPublicKey.name, message) }
        let parts = line.split(separator: " ", maxSplits: 2)
        guard let first = parts.first, Self.types.contains(String(first)) else {
            throw fault(
                "does not begin with the type of a key that is supported, such as ssh-ed25519; options are not taken")
        }
        guard parts.count >= 2, let blob = Base64.decode(Array(parts[1].utf8)) else {
            throw fault("has no key in base64 after its type")
        }
        type = String(first)
        comment = parts.count == 3 ? String(parts[2]) : ""
        self.blob = blob
        var rest = blob[...]
        guard let inner = Self.string(&rest), inner.elementsEqual(type.utf8) else {
            throw fault("is of another type inside than it says")
        }
        if type == "ssh-rsa" {
            guard Self.string(&rest) != nil, let modulus = Self.string(&rest), rest.isEmpty else {
                throw fault("is cut short")
            }
            let digits = modulus.drop { $0 == 0 }
            let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
            guard bits >= Self.leastRSABits else {
                throw fault("is an RSA key of \(bits) bits; at least \(Self.leastRSABits) are needed")
            }
        } else {
            guard let key = Self.string(&rest), !key.isEmpty else { throw fault("is cut short") }
        }
    }

    /// Takes a string with its length before it (RFC 4251 section 5); nil where `rest` is too short.
    private static func string(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.count >= 4 else { return nil }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
