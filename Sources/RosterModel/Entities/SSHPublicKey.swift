/// A public key as sshd(8) reads it from a line of authorized_keys: type, Base64, and a comment. The only option that
/// is accepted is `expiry-time`; any other could grant rights.
package struct SSHPublicKey: Sendable, Equatable {
    /// For example `ssh-ed25519`.
    package let type: String
    /// The comment; empty if there is none.
    package let comment: String
    /// From this time on sshd refuses the key; nil if it never expires.
    package var expires: Timestamp?
    /// The key as the SSH protocol sends it (RFC 4253 section 6.6).
    package let blob: [UInt8]

    private static let types: Set<String> = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// The size of the modulus of an RSA key, in bits; nil for other types.
    package let rsaBits: Int?

    /// The minimum size of an RSA key that is accepted at all, in bits.
    package static let leastRSABits = 2048
    /// The minimum size of a new RSA key, which NIST SP 800-57 requires beyond 2030.
    package static let leastNewRSABits = 3072

    /// Whether the key is too short for a new one and accepted only if it was in use before.
    package var isWeak: Bool { rsaBits.map { $0 < Self.leastNewRSABits } ?? false }

    /// Parses a line of authorized_keys.
    /// - Throws: `invalidParameter` for `sshPublicKey`.
    package init(_ line: some StringProtocol) throws(RosterError) {
        func fault(_ message: String) -> RosterError { .invalid(UserAttribute.sshPublicKey.name, message) }
        var rest = Substring(line)
        if rest.utf8.starts(with: Self.expiryOption.utf8) {
            guard let (time, end) = Self.expiry(rest) else {
                throw fault("has an expiry-time that is not of the form \"YYYYMMDDhhmm[ss]Z\"")
            }
            expires = time
            rest = rest[end...]
        }
        let parts = rest.split(separator: " ", maxSplits: 2)
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
        var bytes = blob[...]
        guard let inner = Self.string(&bytes), inner.elementsEqual(type.utf8) else {
            throw fault("is of another type inside than it says")
        }
        if type == "ssh-rsa" {
            guard Self.string(&bytes) != nil, let modulus = Self.string(&bytes), bytes.isEmpty else {
                throw fault("is cut short")
            }
            let digits = modulus.drop { $0 == 0 }
            let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
            guard bits >= Self.leastRSABits else {
                throw fault("is an RSA key of \(bits) bits; at least \(Self.leastRSABits) are needed")
            }
            rsaBits = bits
        } else {
            guard let key = Self.string(&bytes), !key.isEmpty else { throw fault("is cut short") }
            rsaBits = nil
        }
    }

    /// The key as a line of authorized_keys.
    package var line: String {
        let option = expires.map { "\(Self.expiryOption)\($0.generalizedTime)\" " } ?? ""
        let key = type + " " + String(decoding: Base64.encode(blob), as: UTF8.self)
        return option + key + (comment.isEmpty ? "" : " " + comment)
    }

    private static let expiryOption = "expiry-time=\""

    /// Whether sshd refuses the key of `line` at `now`; also true if its `expiry-time` is malformed.
    package static func isExpired(_ line: UnsafeBufferPointer<UInt8>, at now: Timestamp) -> Bool {
        // Few keys have the option.
        guard line.starts(with: expiryOption.utf8) else { return false }
        return expiry(Substring(String(decoding: line, as: UTF8.self))).map { $0.time <= now } ?? true
    }

    /// The time of the option at the start of `line`, and the index after it; nil if it is malformed. sshd would read a
    /// time without a zone in each host's local time, so such a time is rejected.
    private static func expiry(_ line: Substring) -> (time: Timestamp, end: Substring.Index)? {
        let value = line.dropFirst(expiryOption.count)
        guard let quote = value.firstIndex(of: "\"") else { return nil }
        let text = value[..<quote]
        let end = value.index(after: quote)
        guard [13, 15].contains(text.utf8.count), text.hasSuffix("Z"), text.dropLast().utf8.allSatisfy(\.isDigit),
            let time = Timestamp(generalizedTime: Array(text.utf8)[...]), value[end...].first == " "
        else { return nil }
        return (time, end)
    }

    /// Takes a length-prefixed string (RFC 4251 section 5) from the front; nil if `rest` is too short.
    private static func string(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.count >= 4 else { return nil }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
